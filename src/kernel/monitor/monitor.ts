/**
 * Watches a namespace on the event loop while there are listeners. The kernel queues the events of a change
 * before it answers the request that made it, so that `drain` delivers them.
 */

import type { KernelEvent } from '../events.ts';
import { errno, MSG_DONTWAIT, SO_RCVBUFFORCE, SOL_SOCKET } from '../ffi/constants.ts';
import * as libc from '../ffi/libc.ts';
import { type Poll, pollDescriptor } from '../ffi/poll-descriptor.ts';
import type { Namespace } from '../kernel.ts';
import { NETLINK_NETFILTER, NETLINK_ROUTE, openNetlink, setOption } from '../netlink/socket.ts';
import { decodeEvents, type RawEvent } from './decode.ts';
import { neighbourFilter } from './neighbour-filter.ts';

type Listener = (event: KernelEvent) => void;

/**
 * RTMGRP_LINK, RTMGRP_TC, RTMGRP_IPV4_IFADDR, _ROUTE, _RULE, RTMGRP_IPV6_IFADDR, _ROUTE, and the groups 19, 24 and 25,
 * RTNLGRP_IPV6_RULE, RTNLGRP_IPV4_NETCONF and _IPV6_NETCONF (linux/rtnetlink.h).
 */
const HOST_GROUPS = 0x1 | 0x8 | 0x10 | 0x40 | 0x80 | 0x100 | 0x400 | (1 << 18) | (1 << 23) | (1 << 24);
/** RTMGRP_LINK, RTMGRP_NEIGH, RTMGRP_TC, RTMGRP_IPV4_IFADDR, RTMGRP_IPV6_IFADDR, and forwarding. */
const INNER_GROUPS = 0x1 | 0x4 | 0x8 | 0x10 | 0x100 | (1 << 23) | (1 << 24);
/** NFNLGRP_NFTABLES is group 7. */
const FIREWALL_GROUPS = 1 << 6;
const RECEIVE_BUFFER = 8 * 1024 * 1024;
/** Datagrams per batch, so that a flood leaves time for other work. */
const BATCH = 256;

/** One socket and the subjects of its groups. */
class Subscription {
  readonly #fd: number;
  readonly #subjects: readonly RawEvent['subject'][];
  readonly #poll: Poll;

  /** `ready` is called when there is something to `take`, and again if more remains. */
  constructor(fd: number, subjects: readonly RawEvent['subject'][], ready: () => void) {
    this.#fd = fd;
    this.#subjects = subjects;
    setOption(fd, SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER);
    this.#poll = pollDescriptor(fd, () => {
      try {
        ready();
      } finally {
        // an error of a listener must not end the watch
        this.listen();
      }
    });
    this.#poll.unref();
  }

  listen(): void {
    this.#poll.once({ readable: true, writable: false });
  }

  /** At most a batch of waiting events; undefined for none. */
  take(): readonly RawEvent[] | undefined {
    const datagrams: Uint8Array[] = [];
    let lost = false;
    while (datagrams.length < BATCH) {
      const length = libc.recv(this.#fd, buffer, buffer.length, MSG_DONTWAIT);
      if (length >= 0) datagrams.push(buffer.slice(0, length));
      else if (libc.lastErrno() === errno.ENOBUFS) lost = true;
      else if (libc.lastErrno() !== errno.EINTR) break;
    }
    if (datagrams.length === 0 && !lost) return undefined;
    return [...decodeEvents(datagrams), ...(lost ? this.#subjects.map(everything) : [])];
  }

  close(): void {
    this.#poll.close();
    libc.close(this.#fd);
  }
}

const buffer = new Uint8Array(256 * 1024);

const everything = (subject: RawEvent['subject']): RawEvent => ({
  subject,
  action: 'flush',
  name: '',
  link: 0,
});

/** Opens the sockets of a watch; each with its subjects. */
type Open = (
  namespace: Namespace,
) => readonly (readonly [fd: number, subjects: readonly RawEvent['subject'][]])[];

export class Monitor {
  readonly #namespace: Namespace;
  readonly #sockets: Open;
  readonly #listeners = new Set<Listener>();
  readonly #links = new Map<number, { readonly name: string; readonly state?: string }>();
  /** Flags of bridge ports, by the index of the link. */
  readonly #ports = new Map<number, string>();
  #subscriptions: readonly Subscription[] = [];

  constructor(namespace: Namespace, sockets: Open = hostSockets) {
    this.#namespace = namespace;
    this.#sockets = sockets;
  }

  watch(listener: Listener): () => void {
    // a separate wrapper, so that one function can watch twice
    const own: Listener = (event) => listener(event);
    this.#listeners.add(own);
    if (this.#subscriptions.length === 0) this.#open();
    return () => {
      this.#listeners.delete(own);
      if (this.#listeners.size === 0) this.close();
    };
  }

  /** Delivers all pending events to the listeners. */
  drain(): void {
    for (const subscription of this.#subscriptions) while (this.#drainSome(subscription));
  }

  close(): void {
    this.#listeners.clear();
    this.#forget();
    for (const subscription of this.#subscriptions) subscription.close();
    this.#subscriptions = [];
  }

  #open(): void {
    this.#subscriptions = this.#sockets(this.#namespace).map(([fd, subjects]) =>
      this.#subscribe(fd, subjects),
    );
    for (const subscription of this.#subscriptions) subscription.listen();
  }

  #subscribe(fd: number, subjects: readonly RawEvent['subject'][]): Subscription {
    const subscription: Subscription = new Subscription(
      fd,
      subjects,
      () => void this.#drainSome(subscription),
    );
    return subscription;
  }

  /** False where nothing was pending. */
  #drainSome(subscription: Subscription): boolean {
    const events = this.#subscriptions.includes(subscription) ? subscription.take() : undefined;
    if (events) this.#emit(events);
    return events !== undefined;
  }

  /** Throws the first error of a listener, after all events were delivered. */
  #emit(events: readonly RawEvent[]): void {
    const errors: unknown[] = [];
    for (const raw of events) {
      try {
        const event = this.#describe(raw);
        if (event) for (const listener of this.#listeners) listener(event);
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }

  /** Undefined for a link or port without a watched change. */
  #describe({ subject, action, name, link, isDefault, alias, state, by }: RawEvent): KernelEvent | undefined {
    const about = {
      ...(link !== 0 && { index: link }),
      ...(isDefault && { isDefault }),
      ...(alias !== undefined && { alias }),
      ...(by && { by }),
    };
    if (subject === 'port') {
      if (!this.#isOther(link, state)) return undefined;
      return { subject, action, name, ...about, alias: this.#namespace.route.findLink(name)?.alias ?? '' };
    }
    if (subject !== 'link')
      return { subject, action, name: name === '' ? this.#nameOf(link) : name, ...about };
    const before = this.#links.get(link);
    if (action !== 'new') this.#forget(action === 'flush' ? undefined : link);
    else if (before?.name === name && before.state !== undefined && before.state === state) return undefined;
    else this.#links.set(link, { name, ...(state !== undefined && { state }) });
    const renamed = action === 'new' && before !== undefined && before.name !== name;
    return { subject, action, name, ...about, ...(renamed && { was: before.name }) };
  }

  /** Whether a port's flags differ from those that were last told. */
  #isOther(link: number, state = ''): boolean {
    const before = this.#ports.get(link);
    this.#ports.set(link, state);
    return before !== state;
  }

  /** One link, or all. */
  #forget(link?: number): void {
    if (link === undefined) {
      this.#links.clear();
      this.#ports.clear();
      return;
    }
    this.#links.delete(link);
    this.#ports.delete(link);
  }

  /** '' for a link that is gone and was not known. */
  #nameOf(link: number): string {
    if (link === 0) return '';
    const known = this.#links.get(link);
    const name = known?.name ?? this.#namespace.route.findLinkByIndex(link)?.name ?? '';
    if (!known && name !== '') this.#links.set(link, { name });
    return name;
  }
}

const hostSockets: Open = (host) => {
  const route = host.inside(() => openNetlink(NETLINK_ROUTE, { groups: HOST_GROUPS }));
  const firewall = openFirewall(host);
  return [
    [route, ['link', 'address', 'route', 'rule', 'forwarding']],
    ...(firewall < 0 ? [] : ([[firewall, ['firewall']]] as const)),
  ];
};

/** The sockets of a watch of a network's namespace. `tunnel`: index of its VXLAN link. */
export const innerSockets =
  (tunnel: number): Open =>
  (namespace) => {
    const options = { groups: INNER_GROUPS, filter: neighbourFilter(tunnel) };
    const fd = namespace.inside(() => openNetlink(NETLINK_ROUTE, options));
    return [[fd, ['link', 'address', 'neighbour', 'forwarding']]];
  };

/** The socket of a watch of a namespace's nftables. */
export const ruleSockets: Open = (namespace) => [
  [namespace.inside(() => openNetlink(NETLINK_NETFILTER, { groups: FIREWALL_GROUPS })), ['firewall']],
];

/** -1 where the kernel lacks nftables. */
function openFirewall(host: Namespace): number {
  try {
    return host.inside(() => openNetlink(NETLINK_NETFILTER, { groups: FIREWALL_GROUPS }));
  } catch {
    return -1;
  }
}
