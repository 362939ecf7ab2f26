/** Multicast messages of rtnetlink and nftables as events. Pure. */
import type { KernelEvent } from '../kernel.ts';
import { Attributes, viewOf } from '../netlink/attributes.ts';
import { type Message, messagesOf } from '../netlink/message.ts';
import { IFF_UP, IFLA, RT_TABLE_MAIN, RTA, RTM, shaperHandle } from '../rtnetlink/constants.ts';

/** An event as decoded; most messages identify a link only by its index. */
export interface RawEvent {
  readonly subject: KernelEvent['subject'];
  readonly action: KernelEvent['action'];
  readonly name: string;
  /** Index of the link, or 0. */
  readonly link: number;
  /** For routes: prefix length 0 or 1. */
  readonly isDefault?: boolean;
  readonly alias?: string;
  /** For links: the watched attributes; a message that changes none of them is no event. */
  readonly state?: string;
}

type Decoder = (
  body: Uint8Array,
) => Pick<RawEvent, 'name' | 'link' | 'isDefault' | 'alias' | 'state'> | undefined;

/** linux/netconf.h; the message begins with the family, padded to four bytes. */
const NETCONFA = { IFINDEX: 1, FORWARDING: 2 } as const;
const NFTABLES = 10;
const NFTA_TABLE = 1;
/** NFT_MSG_NEW* and NFT_MSG_DEL* of tables, chains, rules, sets, elements, objects, flow tables. */
const NFT_NEW = new Set([0, 3, 6, 9, 12, 18, 22]);
const NFT_DEL = new Set([2, 5, 8, 11, 14, 20, 24]);
const nftFamilies: Readonly<Record<number, string>> = {
  1: 'inet',
  2: 'ip',
  3: 'arp',
  5: 'netdev',
  7: 'bridge',
  10: 'ip6',
};

const decodeLink: Decoder = (body) => {
  // the group also has messages about bridge ports; leaving a bridge is not the end of a link
  if (body[0] !== 0) return undefined;
  const attributes = new Attributes(body.subarray(16));
  const name = attributes.text(IFLA.IFNAME) ?? '';
  const alias = attributes.text(IFLA.IFALIAS) ?? '';
  const up = (viewOf(body).getUint32(8, true) & IFF_UP) !== 0;
  const mac = Buffer.from(attributes.data(IFLA.ADDRESS) ?? []).toString('hex');
  const state = [up, attributes.u32(IFLA.MTU), attributes.u32(IFLA.MASTER), mac, alias.length].join(' ');
  return { name, link: viewOf(body).getInt32(4, true), state, ...(alias !== '' && { alias }) };
};

/** Of one link, or of all or new ones (-1, -2), for which link is 0 here. */
const decodeForwarding: Decoder = (body) => {
  const attributes = new Attributes(body.subarray(4));
  if (attributes.u32(NETCONFA.FORWARDING) === undefined) return undefined;
  return { name: '', link: Math.max(0, (attributes.u32(NETCONFA.IFINDEX) ?? 0) | 0) };
};

const decodeAddress: Decoder = (body) => ({ name: '', link: viewOf(body).getUint32(4, true) });

/** Also a forwarding entry. */
const decodeNeighbour: Decoder = (body) => ({ name: '', link: viewOf(body).getInt32(4, true) });

/** One of the engine's. */
const decodeQueue: Decoder = (body) =>
  viewOf(body).getUint32(8, true) === shaperHandle
    ? { name: '', link: viewOf(body).getInt32(4, true) }
    : undefined;

const decodeRoute: Decoder = (body) => {
  const attributes = new Attributes(body.subarray(12));
  const table = attributes.u32(RTA.TABLE) ?? body[4];
  if (table !== RT_TABLE_MAIN || isLinkLocal(attributes.data(RTA.DST))) return undefined;
  const isDefault = (body[1] ?? 0) <= 1;
  return { name: '', link: attributes.u32(RTA.OIF) ?? 0, ...(isDefault && { isDefault }) };
};

/** Every link with IPv6 has a route to fe80::/64, which is no conflict. */
const isLinkLocal = (destination: Uint8Array | undefined): boolean =>
  destination?.length === 16 && destination[0] === 0xfe && ((destination[1] ?? 0) & 0xc0) === 0x80;

const decodeFirewall: Decoder = (body) => {
  const family = nftFamilies[body[0] ?? 0] ?? '';
  const table = new Attributes(body.subarray(4)).text(NFTA_TABLE) ?? '';
  return { name: `${family} ${table}`.trim(), link: 0 };
};

type Route = readonly [KernelEvent['subject'], KernelEvent['action'], Decoder];

const routeMessages = new Map<number, Route>([
  [RTM.NEWLINK, ['link', 'new', decodeLink]],
  [RTM.DELLINK, ['link', 'del', decodeLink]],
  [RTM.NEWADDR, ['address', 'new', decodeAddress]],
  [RTM.DELADDR, ['address', 'del', decodeAddress]],
  [RTM.NEWROUTE, ['route', 'new', decodeRoute]],
  [RTM.DELROUTE, ['route', 'del', decodeRoute]],
  [RTM.NEWNEIGH, ['neighbour', 'new', decodeNeighbour]],
  [RTM.DELNEIGH, ['neighbour', 'del', decodeNeighbour]],
  [RTM.DELQDISC, ['queue', 'del', decodeQueue]],
  [RTM.NEWNETCONF, ['forwarding', 'new', decodeForwarding]],
]);

/** The events in some datagrams without duplicates: flushing a chain sends a message per rule. */
export function decodeEvents(datagrams: readonly Uint8Array[]): readonly RawEvent[] {
  const events = new Map<string, RawEvent>();
  for (const message of datagrams.flatMap((datagram) => [...messagesOf(datagram)])) {
    const event = decodeEvent(message);
    if (event === undefined) continue;
    const key = `${event.subject} ${event.action} ${event.link} ${event.name} ${event.isDefault} ${event.state}`;
    // the last position counts: new, del, new must not end with del
    events.delete(key);
    events.set(key, event);
  }
  return [...events.values()];
}

function decodeEvent(message: Message): RawEvent | undefined {
  const [subject, action, decode] = routeMessages.get(message.type) ?? firewallRoute(message.type) ?? [];
  if (subject === undefined || action === undefined || message.body.length < 4) return undefined;
  const about = decode?.(message.body);
  return about === undefined ? undefined : { subject, action, ...about };
}

function firewallRoute(type: number): Route | undefined {
  if (type >> 8 !== NFTABLES) return undefined;
  const verb = type & 0xff;
  if (NFT_NEW.has(verb)) return ['firewall', 'new', decodeFirewall];
  if (NFT_DEL.has(verb)) return ['firewall', 'del', decodeFirewall];
  return undefined;
}
