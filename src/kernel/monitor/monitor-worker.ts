/**
 * The thread that waits for kernel events. Node cannot poll a netlink socket, so a worker sleeps in
 * poll(2) and posts what it hears. It ends when its wake descriptor becomes readable.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { errno, MSG_DONTWAIT } from '../ffi/constants.ts';
import * as libc from '../ffi/libc.ts';
import { viewOf } from '../netlink/attributes.ts';
import { decodeEvents, type RawEvent } from './decode.ts';

/** Descriptors, opened by the main thread in the namespace that is watched; -1: not watched. */
export interface WatchedDescriptors {
  readonly route: number;
  readonly firewall: number;
  readonly wake: number;
}

const POLLIN = 1;
const FOREVER = -1;
/** What is heard within one wake-up is posted together; more than this goes into the next post. */
const BATCH = 256;

const buffer = new Uint8Array(256 * 1024);

/** The datagrams that wait, and whether some were lost. */
function drain(fd: number): { datagrams: Uint8Array[]; lost: boolean } {
  const datagrams: Uint8Array[] = [];
  let lost = false;
  while (datagrams.length < BATCH) {
    const length = libc.recv(fd, buffer, buffer.length, MSG_DONTWAIT);
    if (length >= 0) datagrams.push(buffer.slice(0, length));
    else if (libc.lastErrno() === errno.ENOBUFS) lost = true;
    else if (libc.lastErrno() !== errno.EINTR) break;
  }
  return { datagrams, lost };
}

const everything = (subjects: readonly RawEvent['subject'][]): RawEvent[] =>
  subjects.map((subject) => ({ subject, action: 'flush', name: '', link: 0 }));

function hear(fd: number, subjects: readonly RawEvent['subject'][]): RawEvent[] {
  const { datagrams, lost } = drain(fd);
  return [...decodeEvents(datagrams), ...(lost ? everything(subjects) : [])];
}

/** Sleeps until one of the descriptors is readable. struct pollfd is (int, short, short). */
function ready(fds: readonly number[]): boolean[] {
  const bytes = new Uint8Array(fds.length * 8);
  const view = viewOf(bytes);
  fds.forEach((fd, index) => {
    view.setInt32(index * 8, fd, true);
    view.setInt16(index * 8 + 4, POLLIN, true);
  });
  libc.poll(bytes, fds.length, FOREVER);
  return fds.map((_, index) => view.getInt16(index * 8 + 6, true) !== 0);
}

function listen({ route, firewall, wake }: WatchedDescriptors): void {
  for (;;) {
    const [woken, fromRoute, fromFirewall] = ready([wake, route, firewall]);
    if (woken) return;
    const events = [
      ...(fromRoute ? hear(route, ['link', 'address', 'route']) : []),
      ...(fromFirewall ? hear(firewall, ['firewall']) : []),
    ];
    if (events.length > 0) parentPort?.postMessage(events);
  }
}

listen(workerData as WatchedDescriptors);
