/** ctnetlink messages (include/uapi/linux/netfilter/nfnetlink_conntrack.h). Pure. */
import { AF_INET, AF_INET6, IPPROTO_SCTP, IPPROTO_TCP, IPPROTO_UDP } from '../ffi/constants.ts';
import type { FlowMatch } from '../flows.ts';
import { Attributes, Writer } from '../netlink/attributes.ts';
import { addressBytes } from '../netlink/inet.ts';
import { type Message, NLM_F_DUMP, type Request } from '../netlink/message.ts';

const SUBSYSTEM = 1 << 8;
const CT_NEW = SUBSYSTEM;
const CT_GET = SUBSYSTEM | 1;
const CT_DELETE = SUBSYSTEM | 2;

const CTA = { TUPLE_ORIG: 1, TUPLE_REPLY: 2, ID: 12, ZONE: 18, FILTER: 25 } as const;
const CTA_TUPLE = { IP: 1, PROTO: 2 } as const;
const CTA_IP = { V4_SRC: 1, V4_DST: 2, V6_SRC: 3, V6_DST: 4 } as const;
const CTA_PROTO = { NUM: 1, DST_PORT: 3 } as const;
const CTA_FILTER_FLAGS = { ORIG: 1, REPLY: 2 } as const;
/** Parts of the tuple that a dump request matches: CTA_FILTER_F_* of net/netfilter/nf_internals.h. */
const FILTER = { IP_SRC: 1 << 0, IP_DST: 1 << 1, PROTO_NUM: 1 << 3, PROTO_DST_PORT: 1 << 5 } as const;

/** struct nfgenmsg. */
const HEADER = 4;

const protocols = { tcp: IPPROTO_TCP, udp: IPPROTO_UDP, sctp: IPPROTO_SCTP } as const;

/** The flows to find; what is undefined matches any. */
export interface FlowKey {
  readonly family: number;
  readonly protocol?: number;
  readonly port?: number;
  readonly destination: Uint8Array | undefined;
  /** Where the first packet came from. */
  readonly source?: Uint8Array;
  /** Who answers, after translation. */
  readonly answerer?: Uint8Array;
}

export function flowKey(match: FlowMatch): FlowKey {
  const bytes = addressBytes(match.address);
  return {
    family: bytes.length === 4 ? AF_INET : AF_INET6,
    protocol: protocols[match.protocol],
    port: match.port,
    destination: bytes.every((byte) => byte === 0) ? undefined : bytes,
  };
}

/** Of all flows of its protocol. */
export const ofProtocol = ({ family, protocol }: FlowKey): FlowKey => ({
  family,
  ...(protocol !== undefined && { protocol }),
  destination: undefined,
});

/** Of all flows to an address. */
export function addressKey(address: string): FlowKey {
  const destination = addressBytes(address);
  return { family: destination.length === 4 ? AF_INET : AF_INET6, destination };
}

/** Of all flows that an address began, and of all that it answers. */
export function keysOf(address: string): readonly FlowKey[] {
  const bytes = addressBytes(address);
  const all = { family: bytes.length === 4 ? AF_INET : AF_INET6, destination: undefined };
  return [
    { ...all, source: bytes },
    { ...all, answerer: bytes },
  ];
}

/** Of all flows of a family. */
export const ofFamily = (family: 4 | 6): FlowKey => ({
  family: family === 4 ? AF_INET : AF_INET6,
  destination: undefined,
});

/** A dump that the kernel filters since 5.8; older kernels return everything, see {@link isFlow}. */
export function dumpFlows(key: FlowKey): Request {
  const { destination, source, answerer, protocol, port } = key;
  const body = header(key.family);
  body.nested(CTA.TUPLE_ORIG, () => {
    body.nested(CTA_TUPLE.IP, () => {
      if (source !== undefined) body.data(sourceType(key), source);
      if (destination !== undefined) body.data(destinationType(key), destination);
    });
    if (protocol === undefined) return;
    body.nested(CTA_TUPLE.PROTO, () => {
      body.u8(CTA_PROTO.NUM, protocol);
      if (port !== undefined) body.u16be(CTA_PROTO.DST_PORT, port);
    });
  });
  if (answerer !== undefined)
    body.nested(CTA.TUPLE_REPLY, () => {
      body.nested(CTA_TUPLE.IP, () => void body.data(sourceType(key), answerer));
    });
  const flags =
    (source === undefined ? 0 : FILTER.IP_SRC) |
    (protocol === undefined ? 0 : FILTER.PROTO_NUM) |
    (port === undefined ? 0 : FILTER.PROTO_DST_PORT) |
    (destination === undefined ? 0 : FILTER.IP_DST);
  body.nested(CTA.FILTER, () => {
    body.u32(CTA_FILTER_FLAGS.ORIG, flags);
    if (answerer !== undefined) body.u32(CTA_FILTER_FLAGS.REPLY, FILTER.IP_SRC);
  });
  return { type: CT_GET, flags: NLM_F_DUMP, body };
}

/** Whether a message of the dump is a flow of that key. */
export function isFlow(message: Message, key: FlowKey): boolean {
  if (message.type !== CT_NEW) return false;
  const tuple = new Attributes(message.body.subarray(HEADER)).nested(CTA.TUPLE_ORIG);
  const proto = tuple.nested(CTA_TUPLE.PROTO);
  const destination = tuple.nested(CTA_TUPLE.IP).data(destinationType(key));
  const isOf = (wanted: Uint8Array | undefined, found: () => Uint8Array | undefined): boolean =>
    wanted === undefined || Buffer.compare(found() ?? new Uint8Array(), wanted) === 0;
  return (
    destination !== undefined &&
    isOf(key.source, () => tuple.nested(CTA_TUPLE.IP).data(sourceType(key))) &&
    isOf(key.answerer, () => answererOf(message, key)) &&
    (key.protocol === undefined || proto.u8(CTA_PROTO.NUM) === key.protocol) &&
    (key.port === undefined || proto.u16be(CTA_PROTO.DST_PORT) === key.port) &&
    (key.destination === undefined || Buffer.compare(destination, key.destination) === 0)
  );
}

/** Where the first packet of a flow of the dump went. */
export function askedOf(
  message: Message,
  key: FlowKey,
): { readonly port: number | undefined; readonly destination: Uint8Array | undefined } {
  const tuple = new Attributes(message.body.subarray(HEADER)).nested(CTA.TUPLE_ORIG);
  return {
    port: tuple.nested(CTA_TUPLE.PROTO).u16be(CTA_PROTO.DST_PORT),
    destination: tuple.nested(CTA_TUPLE.IP).data(destinationType(key)),
  };
}

/** The addresses of a flow's first packet, and of its answers. */
export function endsOf(
  message: Message,
  key: FlowKey,
): Readonly<Record<'source' | 'destination' | 'answerer' | 'answered', Uint8Array | undefined>> {
  const attributes = new Attributes(message.body.subarray(HEADER));
  const [asked, reply] = [CTA.TUPLE_ORIG, CTA.TUPLE_REPLY].map((type) =>
    attributes.nested(type).nested(CTA_TUPLE.IP),
  );
  return {
    source: asked?.data(sourceType(key)),
    destination: asked?.data(destinationType(key)),
    answerer: reply?.data(sourceType(key)),
    answered: reply?.data(destinationType(key)),
  };
}

/** The address that answers a flow of the dump: where it goes to after translation. */
export function answererOf(message: Message, { family }: FlowKey): Uint8Array | undefined {
  const reply = new Attributes(message.body.subarray(HEADER)).nested(CTA.TUPLE_REPLY);
  return reply.nested(CTA_TUPLE.IP).data(sourceType({ family }));
}

/** Deletes exactly the flow of a dump's message, by tuple, zone and id. */
export function deleteFlow(message: Message, key: FlowKey): Request {
  const attributes = new Attributes(message.body.subarray(HEADER));
  const body = header(key.family);
  for (const type of [CTA.TUPLE_ORIG, CTA.ID, CTA.ZONE]) {
    const payload = attributes.data(type);
    if (payload !== undefined) body.data(type === CTA.TUPLE_ORIG ? type | 0x8000 : type, payload);
  }
  return { type: CT_DELETE, flags: 0, body };
}

const header = (family: number): Writer => new Writer().struct(HEADER, (view) => view.setUint8(0, family));

const sourceType = ({ family }: Pick<FlowKey, 'family'>): number =>
  family === AF_INET ? CTA_IP.V4_SRC : CTA_IP.V6_SRC;

const destinationType = ({ family }: FlowKey): number => (family === AF_INET ? CTA_IP.V4_DST : CTA_IP.V6_DST);
