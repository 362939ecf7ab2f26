/** Files of /proc/net, which show the namespace of the thread that opens them. */
import { close, openSync, readFile } from 'node:fs';
import { promisify } from 'node:util';
import { hasErrno } from '../../system-error.ts';
import type { Namespace } from '../kernel.ts';

const readOpened = promisify((fd: number, done: (error: Error | null, text: string) => void) =>
  readFile(fd, 'latin1', done),
);
const closeOpened = promisify(close);

/** The text of `tcp`, `udp6`, ...; '' where the kernel has no such file. Off the event loop: there may be very many sockets. */
export async function readProcNet(namespace: Pick<Namespace, 'inside'>, file: string): Promise<string> {
  let fd: number;
  try {
    fd = namespace.inside(() => openSync(`/proc/thread-self/net/${file}`, 'r'));
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return '';
    throw error;
  }
  try {
    return await readOpened(fd);
  } finally {
    await closeOpened(fd);
  }
}
