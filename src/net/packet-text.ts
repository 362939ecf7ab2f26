/** A packet as a line of text, in the manner of tcpdump. What is cut or unknown is said, and never throws. */
import { textOfIPv6 } from './ipv6-text.ts';

export interface PacketTextOptions {
  /** Begins with its IP header, not with one of Ethernet. */
  readonly isBare: boolean;
  /** The name of an address, or undefined. */
  readonly nameOf: (address: string) => string | undefined;
}

const ethernet = { ipv4: 0x0800, arp: 0x0806, vlan: 0x8100, provider: 0x88a8, ipv6: 0x86dd } as const;
const protocols = { icmp: 1, tcp: 6, udp: 17, icmp6: 58, sctp: 132 } as const;
const protocolNames = new Map([
  [2, 'IGMP'],
  [4, 'IPIP'],
  [41, 'IPv6'],
  [47, 'GRE'],
  [50, 'ESP'],
  [112, 'VRRP'],
  [132, 'SCTP'],
]);

type Names = Pick<PacketTextOptions, 'nameOf'>;

export function packetText(data: Buffer, options: PacketTextOptions): string {
  try {
    return options.isBare ? ipText(data, options) : frameText(data, options);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return `cut after ${data.length} bytes`;
  }
}

export const macText = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':');

export function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  return textOfIPv6(BigInt(`0x${Buffer.from(bytes).toString('hex') || '0'}`));
}

function frameText(data: Buffer, options: PacketTextOptions): string {
  let type = data.readUInt16BE(12);
  let at = 14;
  let tags = '';
  while (type === ethernet.vlan || type === ethernet.provider) {
    tags += `vlan ${data.readUInt16BE(at) & 0xfff} `;
    type = data.readUInt16BE(at + 2);
    at += 4;
  }
  const rest = data.subarray(at);
  if (type === ethernet.ipv4 || type === ethernet.ipv6) return tags + ipText(rest, options);
  if (type === ethernet.arp) return tags + arpText(rest, options);
  const [to, from] = [macText(data.subarray(0, 6)), macText(data.subarray(6, 12))];
  return `${tags}${from} > ${to} type 0x${type.toString(16).padStart(4, '0')} length ${rest.length}`;
}

function arpText(data: Buffer, { nameOf }: Names): string {
  const shown = (bytes: Uint8Array): string => nameOf(addressText(bytes)) ?? addressText(bytes);
  const [sender, target] = [data.subarray(14, 18), data.subarray(24, 28)];
  if (data.readUInt16BE(6) === 2) return `ARP ${shown(sender)} is at ${macText(data.subarray(8, 14))}`;
  return `ARP who has ${shown(target)} tell ${shown(sender)}`;
}

interface Datagram {
  readonly from: string;
  readonly to: string;
  readonly protocol: number;
  readonly payload: Buffer;
  /** Bytes of the payload on the link. */
  readonly length: number;
  readonly ttl: number;
}

function ipText(data: Buffer, options: PacketTextOptions): string {
  const six = data.readUInt8(0) >> 4 === 6;
  const datagram = six ? readIPv6(data) : readIPv4(data);
  if (!datagram) return `IPv4 ${fragmentOf(data, options)}`;
  return transportText(datagram, options, six);
}

function readIPv4(data: Buffer): Datagram | undefined {
  const header = (data.readUInt8(0) & 0xf) * 4;
  if ((data.readUInt16BE(6) & 0x1fff) !== 0) return undefined;
  return {
    ...{ from: addressText(data.subarray(12, 16)), to: addressText(data.subarray(16, 20)) },
    ...{ protocol: data.readUInt8(9), ttl: data.readUInt8(8), payload: data.subarray(header) },
    // 0: the network card was to fill it in
    length: (data.readUInt16BE(2) || data.length) - header,
  };
}

function fragmentOf(data: Buffer, { nameOf }: Names): string {
  const [from, to] = [addressText(data.subarray(12, 16)), addressText(data.subarray(16, 20))];
  const offset = (data.readUInt16BE(6) & 0x1fff) * 8;
  return `${nameOf(from) ?? from} > ${nameOf(to) ?? to} fragment at ${offset}`;
}

/** Headers between the fixed one and the payload: hop-by-hop, routing, destination options. */
const extensions = [0, 43, 60];

function readIPv6(data: Buffer): Datagram {
  let protocol = data.readUInt8(6);
  let at = 40;
  while (extensions.includes(protocol)) {
    protocol = data.readUInt8(at);
    at += (data.readUInt8(at + 1) + 1) * 8;
  }
  return {
    ...{ from: addressText(data.subarray(8, 24)), to: addressText(data.subarray(24, 40)) },
    ...{ protocol, ttl: data.readUInt8(7), payload: data.subarray(at) },
    length: (data.readUInt16BE(4) || data.length - 40) - (at - 40),
  };
}

function transportText(datagram: Datagram, { nameOf }: Names, six: boolean): string {
  const { from, to, protocol, payload, length } = datagram;
  const [source, target] = [nameOf(from) ?? bracketed(from), nameOf(to) ?? bracketed(to)];
  if (protocol === protocols.tcp || protocol === protocols.udp || protocol === protocols.sctp) {
    const [sport, dport] = [payload.readUInt16BE(0), payload.readUInt16BE(2)];
    const ends = `${source}:${sport} > ${target}:${dport}`;
    if (protocol === protocols.tcp) return `TCP ${ends} ${tcpText(payload, length)}`;
    if (protocol === protocols.sctp) return `SCTP ${ends} length ${length}`;
    const dns = sport === 53 || dport === 53 ? dnsText(payload.subarray(8)) : '';
    return `UDP ${ends} length ${length - 8}${dns}`;
  }
  const ends = `${nameOf(from) ?? from} > ${nameOf(to) ?? to}`;
  if (protocol === protocols.icmp) return `ICMP ${ends} ${icmpText(payload)}`;
  if (protocol === protocols.icmp6) return `ICMPv6 ${ends} ${icmp6Text(payload)}`;
  return `${six ? 'IPv6' : 'IPv4'} ${ends} ${protocolNames.get(protocol) ?? `protocol ${protocol}`} length ${length}`;
}

const bracketed = (address: string): string => (address.includes(':') ? `[${address}]` : address);

const flagNames = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR'];

function tcpText(segment: Buffer, length: number): string {
  const bits = segment.readUInt8(13);
  const flags = flagNames.filter((_, bit) => (bits & (1 << bit)) !== 0).join(',');
  const header = (segment.readUInt8(12) >> 4) * 4;
  const ack = (bits & 0x10) === 0 ? '' : ` ack ${segment.readUInt32BE(8)}`;
  const window = segment.readUInt16BE(14);
  return `${flags || 'none'} seq ${segment.readUInt32BE(4)}${ack} win ${window} length ${Math.max(0, length - header)}`;
}

const recordTypes = new Map([
  [1, 'A'],
  [2, 'NS'],
  [5, 'CNAME'],
  [6, 'SOA'],
  [12, 'PTR'],
  [15, 'MX'],
  [16, 'TXT'],
  [28, 'AAAA'],
  [33, 'SRV'],
  [65, 'HTTPS'],
]);
const responseCodes = new Map([
  [0, 'ok'],
  [1, 'FORMERR'],
  [2, 'SERVFAIL'],
  [3, 'NXDOMAIN'],
  [4, 'NOTIMP'],
  [5, 'REFUSED'],
]);

/** The question, and of an answer what became of it. */
function dnsText(message: Buffer): string {
  if (message.length < 17) return '';
  const flags = message.readUInt16BE(2);
  const labels: string[] = [];
  let at = 12;
  for (let size = message.readUInt8(at); size > 0; size = message.readUInt8(at)) {
    if (size > 63) return '';
    labels.push(message.toString('latin1', at + 1, at + 1 + size).replace(/[^!-~]/g, '?'));
    at += 1 + size;
  }
  const type = message.readUInt16BE(at + 1);
  const asked = `${recordTypes.get(type) ?? `TYPE${type}`}? ${labels.join('.') || '.'}`;
  if ((flags & 0x8000) === 0) return ` DNS ${asked}`;
  const code = flags & 0xf;
  return ` DNS ${asked} ${responseCodes.get(code) ?? `code ${code}`}, ${message.readUInt16BE(6)} answers`;
}

const unreachable = new Map([
  [0, 'network unreachable'],
  [1, 'host unreachable'],
  [2, 'protocol unreachable'],
  [3, 'port unreachable'],
  [4, 'fragmentation needed'],
  [9, 'network prohibited'],
  [10, 'host prohibited'],
  [13, 'prohibited'],
]);

const echo = (kind: string, message: Buffer): string =>
  `echo ${kind} id ${message.readUInt16BE(4)} seq ${message.readUInt16BE(6)}`;

function icmpText(message: Buffer): string {
  const [type, code] = [message.readUInt8(0), message.readUInt8(1)];
  if (type === 8) return echo('request', message);
  if (type === 0) return echo('reply', message);
  if (type === 3 && code === 4) return `fragmentation needed, mtu ${message.readUInt16BE(6)}`;
  if (type === 3) return unreachable.get(code) ?? `unreachable, code ${code}`;
  if (type === 11) return 'time exceeded';
  if (type === 5) return 'redirect';
  return `type ${type} code ${code}`;
}

const icmp6Types = new Map([
  [1, 'unreachable'],
  [2, 'packet too big'],
  [3, 'time exceeded'],
  [133, 'router solicitation'],
  [134, 'router advertisement'],
  [143, 'multicast listener report'],
]);

function icmp6Text(message: Buffer): string {
  const type = message.readUInt8(0);
  if (type === 128) return echo('request', message);
  if (type === 129) return echo('reply', message);
  if (type === 135) return `who has ${addressText(message.subarray(8, 24))}`;
  if (type === 136) return `${addressText(message.subarray(8, 24))} is here`;
  return icmp6Types.get(type) ?? `type ${type} code ${message.readUInt8(1)}`;
}
