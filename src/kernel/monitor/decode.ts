/** Multicast messages of rtnetlink and nftables as events. Pure. */
import type { KernelEvent, Sender } from '../events.ts';
import { seawayProtocol } from '../kernel.ts';
import { nftFamilies } from '../netfilter/nft-families.ts';
import { Attributes, viewOf } from '../netlink/attributes.ts';
import { type Message, messagesOf } from '../netlink/message.ts';
import {
  AF_BRIDGE,
  FRA,
  IFF_UP,
  IFLA,
  IFLA_BRPORT,
  RT_TABLE_MAIN,
  RTA,
  RTM,
  shaperHandle,
} from '../rtnetlink/constants.ts';

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
  readonly by?: Sender;
}

type Decoder = (
  body: Uint8Array,
) => Pick<RawEvent, 'name' | 'link' | 'isDefault' | 'alias' | 'state'> | undefined;

/** linux/netconf.h; the message begins with the family, padded to four bytes. */
const NETCONFA = { IFINDEX: 1, FORWARDING: 2 } as const;
const NFTABLES = 10;
const NFTA_TABLE = 1;
/** The message that ends a transaction tells who made it. */
const NFT_MSG_NEWGEN = 15;
const NFTA_GEN = { PROC_PID: 2, PROC_NAME: 3 } as const;
/** Other numbers of ports were drawn by the kernel (`netlink_autobind`), for further sockets of a process. */
const LARGEST_PID = 1 << 22;
/** NFT_MSG_NEW* and NFT_MSG_DEL* of tables, chains, rules, sets, elements, objects, flow tables. */
const NFT_NEW = new Set([0, 3, 6, 9, 12, 18, 22]);
const NFT_DEL = new Set([2, 5, 8, 11, 14, 20, 24]);

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

/** A bridge tells of a port. */
const decodePort: Decoder = (body) => {
  const attributes = new Attributes(body.subarray(16));
  const flags = attributes.nested(IFLA.PROTINFO);
  const state = [flags.u8(IFLA_BRPORT.MODE), flags.u8(IFLA_BRPORT.ISOLATED)].join(' ');
  return { name: attributes.text(IFLA.IFNAME) ?? '', link: viewOf(body).getInt32(4, true), state };
};

/** A routing rule of the engine's. */
const decodeRule: Decoder = (body) =>
  isOwn(new Attributes(body.subarray(12)).u8(FRA.PROTOCOL)) ? { name: '', link: 0 } : undefined;

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
  // of other tables only the engine's own routes matter
  if (table !== RT_TABLE_MAIN && !isOwn(body[5])) return undefined;
  if (isLinkLocal(attributes.data(RTA.DST))) return undefined;
  const isDefault = (body[1] ?? 0) <= 1;
  return { name: '', link: attributes.u32(RTA.OIF) ?? 0, ...(isDefault && { isDefault }) };
};

const isOwn = (protocol: number | undefined): boolean =>
  protocol === seawayProtocol || protocol === seawayProtocol + 1;

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
  [RTM.DELRULE, ['rule', 'del', decodeRule]],
  [RTM.NEWNETCONF, ['forwarding', 'new', decodeForwarding]],
]);

const portMessage: Route = ['port', 'new', decodePort];

/** The events in some datagrams without duplicates: flushing a chain sends a message per rule. */
export function decodeEvents(datagrams: readonly Uint8Array[]): readonly RawEvent[] {
  const events = new Map<string, RawEvent>();
  let transaction: string[] = [];
  for (const message of datagrams.flatMap((datagram) => [...messagesOf(datagram)])) {
    if (message.type === ((NFTABLES << 8) | NFT_MSG_NEWGEN)) {
      for (const key of transaction) sign(events, key, committerOf(message));
      transaction = [];
    }
    const event = decodeEvent(message);
    if (event === undefined) continue;
    const key = `${event.subject} ${event.action} ${event.link} ${event.name} ${event.isDefault} ${event.state}`;
    // the last position counts: new, del, new must not end with del
    events.delete(key);
    events.set(key, event);
    if (event.subject === 'firewall') transaction.push(key);
  }
  return [...events.values()];
}

function sign(events: Map<string, RawEvent>, key: string, by: Sender | undefined): void {
  const event = events.get(key);
  if (event && by) events.set(key, { ...event, by });
}

function committerOf({ body }: Message): Sender | undefined {
  const attributes = new Attributes(body.subarray(4));
  const pid = attributes.u32be(NFTA_GEN.PROC_PID);
  return pid === undefined ? undefined : { pid, name: attributes.text(NFTA_GEN.PROC_NAME) ?? '' };
}

function decodeEvent(message: Message): RawEvent | undefined {
  const [subject, action, decode] = routeOf(message) ?? [];
  if (subject === undefined || action === undefined || message.body.length < 4) return undefined;
  const about = decode?.(message.body);
  const { port = 0 } = message;
  const isKnown = subject !== 'firewall' && port > 0 && port <= LARGEST_PID;
  return about && { subject, action, ...about, ...(isKnown && { by: { pid: port } }) };
}

const routeOf = ({ type, body }: Message): Route | undefined =>
  type === RTM.NEWLINK && body[0] === AF_BRIDGE
    ? portMessage
    : (routeMessages.get(type) ?? firewallRoute(type));

function firewallRoute(type: number): Route | undefined {
  if (type >> 8 !== NFTABLES) return undefined;
  const verb = type & 0xff;
  if (NFT_NEW.has(verb)) return ['firewall', 'new', decodeFirewall];
  if (NFT_DEL.has(verb)) return ['firewall', 'del', decodeFirewall];
  return undefined;
}
