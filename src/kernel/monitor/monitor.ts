/**
 * Watching the host's namespace. One worker serves all listeners; it runs only while there are any,
 * never keeps the process alive, and is woken to end when the last listener leaves or the process ends.
 */
import { Worker } from 'node:worker_threads';
import { messageOf } from '../../errors.ts';
import { EFD_CLOEXEC, EFD_NONBLOCK, SO_RCVBUFFORCE, SOL_SOCKET } from '../ffi/constants.ts';
import { checked } from '../ffi/fault.ts';
import * as libc from '../ffi/libc.ts';
import type { KernelEvent, Namespace } from '../kernel.ts';
import { NETLINK_NETFILTER, NETLINK_ROUTE, openNetlink, setOption } from '../netlink/socket.ts';
import type { RawEvent } from './decode.ts';
import type { WatchedDescriptors } from './monitor-worker.ts';

type Listener = (event: KernelEvent) => void;

/** RTMGRP_LINK, RTMGRP_IPV4_IFADDR, _ROUTE, RTMGRP_IPV6_IFADDR, _ROUTE (linux/rtnetlink.h). */
const ROUTE_GROUPS = 0x1 | 0x10 | 0x40 | 0x100 | 0x400;
/** NFNLGRP_NFTABLES is group 7. */
const FIREWALL_GROUPS = 1 << 6;
const RECEIVE_BUFFER = 8 * 1024 * 1024;

/** The worker is a program of its own: TypeScript in development, a bundle beside ours in production. */
const entry = new URL(
  import.meta.url.endsWith('.ts') ? './monitor-worker.ts' : './monitor-worker.js',
  import.meta.url,
);

export class Monitor {
  readonly #host: Namespace;
  readonly #listeners = new Set<Listener>();
  readonly #names = new Map<number, string>();
  #stop: (() => void) | undefined;

  constructor(host: Namespace) {
    this.#host = host;
  }

  watch(listener: Listener): () => void {
    // a wrapper of its own, so that one function can watch twice
    const own: Listener = (event) => listener(event);
    this.#listeners.add(own);
    this.#stop ??= listenTo(openDescriptors(this.#host), (events) => this.#tell(events));
    return () => {
      this.#listeners.delete(own);
      if (this.#listeners.size === 0) this.close();
    };
  }

  close(): void {
    this.#listeners.clear();
    this.#names.clear();
    this.#stop?.();
    this.#stop = undefined;
  }

  #tell(events: readonly RawEvent[]): void {
    for (const { subject, action, name, link } of events) {
      const event = { subject, action, name: name === '' ? this.#nameOf(link) : name };
      if (subject === 'link') this.#remember(action, link, name);
      for (const listener of this.#listeners) listener(event);
    }
  }

  #remember(action: KernelEvent['action'], link: number, name: string): void {
    if (action === 'new') this.#names.set(link, name);
    else this.#names.delete(link);
  }

  /** A link that is gone already has no name any more. */
  #nameOf(link: number): string {
    if (link === 0) return '';
    const name = this.#names.get(link) ?? this.#host.route.findLinkByIndex(link)?.name ?? '';
    if (name !== '') this.#names.set(link, name);
    return name;
  }
}

function openDescriptors(host: Namespace): WatchedDescriptors {
  const wake = checked(libc.eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), 'watch the kernel');
  const route = host.inside(() => openNetlink(NETLINK_ROUTE, ROUTE_GROUPS));
  setOption(route, SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER);
  const firewall = openFirewall(host);
  return { wake, route, firewall };
}

/** -1 where the kernel has no nftables: then nobody can change its rules. */
function openFirewall(host: Namespace): number {
  try {
    const fd = host.inside(() => openNetlink(NETLINK_NETFILTER, FIREWALL_GROUPS));
    setOption(fd, SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER);
    return fd;
  } catch {
    return -1;
  }
}

/** Starts the worker and returns the function that ends it. It closes the descriptors at its end. */
function listenTo(fds: WatchedDescriptors, tell: (events: readonly RawEvent[]) => void): () => void {
  // flags that Node was started with are not the worker's (--input-type is even refused)
  const worker = new Worker(entry, { workerData: fds, execArgv: [] });
  let listening = true;
  // a worker that sleeps in poll(2) would hold up the end of the process
  const wake = (): void => void libc.eventfdWrite(fds.wake, 1n);
  process.once('exit', wake);
  worker.on('message', (events: readonly RawEvent[]) => listening && tell(events));
  worker.on('error', (error) => process.emitWarning(`the kernel monitor ended: ${messageOf(error)}`));
  worker.once('exit', () => {
    process.off('exit', wake);
    for (const fd of [fds.wake, fds.route, fds.firewall]) if (fd >= 0) libc.close(fd);
  });
  // last of all: listening for messages would hold the process again
  worker.unref();
  return () => {
    listening = false;
    wake();
  };
}
