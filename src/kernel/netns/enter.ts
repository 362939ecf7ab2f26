/**
 * Enters network namespaces. A namespace belongs to the thread, so this module keeps track of its thread's
 * namespace and always returns the thread to it.
 *
 * Only synchronous functions run inside, and only to open descriptors or to start a process: a
 * descriptor keeps its namespace after the thread has left, and a thread that is created inside would
 * stay there for good.
 */
import { fstatSync } from 'node:fs';
import { fail } from '../../errors.ts';
import { CLONE_NEWNET, MS_BIND, O_CLOEXEC, O_NONBLOCK, O_RDONLY } from '../ffi/constants.ts';
import { checked, kernelError } from '../ffi/fault.ts';
import * as libc from '../ffi/libc.ts';

/** The namespace file of the calling thread. */
export const OWN_NAMESPACE = '/proc/thread-self/ns/net';

let home: number | undefined;
let here: number | undefined;

/** Opens a namespace's file; the caller closes the descriptor. Does not wait for the writer of a FIFO. */
export function openNamespaceFile(path: string): number {
  return checked(libc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), `open network namespace "${path}"`);
}

/** Whether the descriptor is of the namespace that the thread is at home in. */
export function isHome(fd: number): boolean {
  home ??= openNamespaceFile(OWN_NAMESPACE);
  const [one, other] = [fstatSync(fd), fstatSync(home)];
  return one.dev === other.dev && one.ino === other.ino;
}

export interface Place {
  readonly fd: number;
  /** The thread's own namespace, which need not be entered from there. */
  readonly isHome: boolean;
}

/** Runs `open` in the namespace and returns in any case. */
export function insideOf<T>({ fd, isHome }: Place, open: () => T): T {
  const from = whereabouts();
  if (fd === from || (isHome && from === home)) return refusePromise(open());
  checked(libc.setns(fd, CLONE_NEWNET), 'enter a network namespace');
  here = fd;
  try {
    return refusePromise(open());
  } finally {
    goBack(from);
  }
}

/** Makes a network namespace and binds it to the file at `path`, which keeps it alive. */
export function bindNewNamespace(path: string): void {
  const from = whereabouts();
  checked(libc.unshare(CLONE_NEWNET), 'create a network namespace');
  const result = libc.mount(OWN_NAMESPACE, path, '', MS_BIND, null);
  const reason = libc.lastErrno();
  goBack(from);
  if (result < 0) throw kernelError(`bind a network namespace to "${path}"`, reason);
}

/** Descriptor of the namespace that the thread is in. Opened once per thread, never closed. */
function whereabouts(): number {
  home ??= openNamespaceFile(OWN_NAMESPACE);
  here ??= home;
  return here;
}

/** Aborts the process where the thread cannot return: it would configure the wrong namespace from then on. */
function goBack(to: number): void {
  if (libc.setns(to, CLONE_NEWNET) < 0) {
    process.stderr.write(`seaway: cannot leave a network namespace (errno ${libc.lastErrno()})\n`);
    process.abort();
  }
  here = to;
}

function refusePromise<T>(result: T): T {
  if (result instanceof Promise) throw fail('BUG', 'asynchronous work inside a network namespace');
  return result;
}
