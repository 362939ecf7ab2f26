/** Messages of nfnetlink's group NFTRACE (linux/netfilter/nf_tables.h, NFTA_TRACE_*). Pure. */
import { Attributes, viewOf } from '../netlink/attributes.ts';
import { addressText } from '../netlink/inet.ts';
import type { Message } from '../netlink/message.ts';
import type { Hook, PacketHeader, TraceStep } from './contract.ts';

const NFT_MSG_TRACE = (10 << 8) | 17;
const NFTA = {
  TABLE: 1,
  CHAIN: 2,
  RULE_HANDLE: 3,
  TYPE: 4,
  VERDICT: 5,
  ID: 6,
  NETWORK_HEADER: 8,
  TRANSPORT_HEADER: 9,
  IIF: 10,
  OIF: 12,
  POLICY: 16,
} as const;
const TYPE_POLICY = 1;
const TYPE_RETURN = 2;
const NFTA_VERDICT_CODE = 1;

const families: Readonly<Record<number, TraceStep['family']>> = {
  1: 'inet',
  2: 'ip',
  3: 'arp',
  5: 'netdev',
  7: 'bridge',
  10: 'ip6',
};

const verdicts: Readonly<Record<number, TraceStep['verdict']>> = {
  0: 'drop',
  1: 'accept',
  2: 'stolen',
  3: 'queue',
  [-1]: 'continue',
  [-2]: 'continue',
  [-3]: 'jump',
  [-4]: 'goto',
  [-5]: 'return',
};

/** As a message has it: links by their index. */
export interface RawStep extends Omit<TraceStep, 'from' | 'to' | 'passed'> {
  readonly in: number;
  readonly out: number;
}

/** Undefined for other messages. */
export function decodeStep(message: Message): RawStep | undefined {
  if (message.type !== NFT_MSG_TRACE || message.body.length < 4) return undefined;
  const attributes = new Attributes(message.body.subarray(4));
  const number = (type: number): number => {
    const bytes = attributes.data(type);
    return bytes && bytes.length >= 4 ? viewOf(bytes).getUint32(0) : 0;
  };
  const type = number(NFTA.TYPE);
  const header = headerOf(attributes.data(NFTA.NETWORK_HEADER), attributes.data(NFTA.TRANSPORT_HEADER));
  return {
    packet: number(NFTA.ID),
    family: families[message.body[0] ?? 0] ?? 'inet',
    table: attributes.text(NFTA.TABLE) ?? '',
    chain: attributes.text(NFTA.CHAIN) ?? '',
    handle: type === TYPE_POLICY ? 0 : handleOf(attributes.data(NFTA.RULE_HANDLE)),
    verdict: verdictOf(attributes, type),
    in: number(NFTA.IIF),
    out: number(NFTA.OIF),
    ...(header && { header }),
  };
}

const handleOf = (bytes: Uint8Array | undefined): number =>
  bytes && bytes.length >= 8 ? Number(viewOf(bytes).getBigUint64(0)) : 0;

function verdictOf(attributes: Attributes, type: number): TraceStep['verdict'] {
  if (type === TYPE_RETURN) return 'return';
  const bytes =
    type === TYPE_POLICY
      ? attributes.data(NFTA.POLICY)
      : attributes.nested(NFTA.VERDICT).data(NFTA_VERDICT_CODE);
  const code = bytes && bytes.length >= 4 ? viewOf(bytes).getInt32(0) : -1;
  // the upper half of NF_DROP may carry an errno, that of NF_QUEUE has the number of the queue
  return verdicts[code] ?? (code > 0 ? verdicts[code & 0xff] : undefined) ?? 'continue';
}

const FIXED = { 4: 20, 6: 40 } as const;
const TCP = 6;
const ICMPV6 = 58;
/** Types of ICMPv6: neighbour solicitation and advertisement (RFC 4861). */
const discovery: readonly number[] = [135, 136];

/** Whether a step is about ARP or neighbour discovery. */
export const isNeighbourly = (family: TraceStep['family'], header: PacketHeader | undefined): boolean =>
  family === 'arp' || (header?.protocol === ICMPV6 && discovery.includes(header.sourcePort >> 8));

/** Of an IPv4 or IPv6 packet without extension headers. */
export function headerOf(
  network: Uint8Array | undefined,
  transport: Uint8Array | undefined,
): PacketHeader | undefined {
  const version = network && (network[0] ?? 0) >> 4;
  if (!network || (version !== 4 && version !== 6) || network.length < FIXED[version]) return undefined;
  const [source, destination] =
    version === 4
      ? [network.subarray(12, 16), network.subarray(16, 20)]
      : [network.subarray(8, 24), network.subarray(24, 40)];
  const protocol = network[version === 4 ? 9 : 6] ?? 0;
  const ports = transport && transport.length >= 4 ? viewOf(transport) : undefined;
  return {
    source: addressText(source),
    destination: addressText(destination),
    sourcePort: ports?.getUint16(0) ?? 0,
    destinationPort: ports?.getUint16(2) ?? 0,
    flags: protocol === TCP ? (transport?.[13] ?? 0) : 0,
    protocol,
  };
}

/** The chains of the trace's own table, by hook. */
export const hooks: Readonly<Record<string, Hook>> = {
  prerouting: 'prerouting',
  input: 'input',
  forward: 'forward',
  output: 'output',
  postrouting: 'postrouting',
};
