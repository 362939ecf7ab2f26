/** Packets as bytes: echoes, and what seems to arrive from outside. Pure. */
import { fail } from '../../errors.ts';
import { type Family, familyOf } from '../../net/family.ts';
import { viewOf } from '../netlink/attributes.ts';
import { addressBytes, macBytes } from '../netlink/inet.ts';
import type { Arrival } from './contract.ts';

const ICMP_ECHO = 8;
const ICMP_ECHO_REPLY = 0;
const ICMPV6_ECHO = 128;
const ICMPV6_ECHO_REPLY = 129;
const numbers = { tcp: 6, udp: 17 } as const;
const icmpOf = { 4: 1, 6: 58 } as const;
const SYN = 0x02;
const RST = 0x04;

/** Sum of 16-bit words in ones' complement, inverted (RFC 1071). */
export function checksum(...parts: readonly Uint8Array[]): number {
  let sum = 0;
  for (const part of parts) for (const [at, byte] of part.entries()) sum += at % 2 === 0 ? byte << 8 : byte;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** An echo request with its header; the kernel adds the checksum of ICMPv6. */
export function echoMessage(
  family: Family,
  { id, size }: { readonly id: number; readonly size: number },
): Uint8Array {
  const message = new Uint8Array(Math.max(8, size));
  message[0] = family === 4 ? ICMP_ECHO : ICMPV6_ECHO;
  viewOf(message).setUint16(4, id);
  viewOf(message).setUint16(6, 1);
  if (family === 4) viewOf(message).setUint16(2, checksum(message));
  return message;
}

/** `bytes` as a raw socket gives them: IPv4 with the header of the packet. */
export function isEchoReply(family: Family, bytes: Uint8Array, id: number): boolean {
  const message = family === 4 ? bytes.subarray(((bytes[0] ?? 0) & 15) * 4) : bytes;
  if (message.length < 8 || message[0] !== (family === 4 ? ICMP_ECHO_REPLY : ICMPV6_ECHO_REPLY)) return false;
  return viewOf(message).getUint16(4) === id;
}

/** The frame of an arrival, for a link with that MAC. Throws BUG where the addresses are of two families. */
export function arrivalFrame(arrival: Arrival, mac: string): Uint8Array {
  const family = familyOf(arrival.source);
  if (family !== familyOf(arrival.destination)) throw fail('BUG', 'an arrival of two families');
  const source = addressBytes(arrival.source);
  const destination = addressBytes(arrival.destination);
  const protocol = arrival.protocol === 'icmp' ? icmpOf[family] : numbers[arrival.protocol];
  const payload = segmentOf(family, arrival);
  const pseudo = new Uint8Array([...source, ...destination, 0, 0, 0, payload.length, 0, 0, 0, protocol]);
  const sum = arrival.protocol === 'icmp' && family === 4 ? checksum(payload) : checksum(pseudo, payload);
  viewOf(payload).setUint16(sumAt[arrival.protocol], sum);
  const header = family === 4 ? headerOf4(payload, protocol) : headerOf6(payload, protocol);
  header.set(source, family === 4 ? 12 : 8);
  header.set(destination, family === 4 ? 16 : 24);
  if (family === 4) viewOf(header).setUint16(10, checksum(header));
  // locally administered
  const ethernet = [...macBytes(mac), 2, 0, 0, 0, 0, 1, ...(family === 4 ? [0x08, 0x00] : [0x86, 0xdd])];
  return new Uint8Array([...ethernet, ...header, ...payload]);
}

const sumAt = { tcp: 16, udp: 6, icmp: 2 } as const;

/** Its checksum is zero. */
function segmentOf(family: Family, { protocol, sourcePort, port, isEnd }: Arrival): Uint8Array {
  if (protocol === 'icmp') {
    const echo = echoMessage(family, { id: sourcePort, size: 16 });
    viewOf(echo).setUint16(2, 0);
    return echo;
  }
  const bytes = new Uint8Array(protocol === 'tcp' ? 20 : 8);
  const view = viewOf(bytes);
  view.setUint16(0, sourcePort);
  view.setUint16(2, port);
  if (protocol === 'udp') {
    view.setUint16(4, bytes.length);
    return bytes;
  }
  view.setUint32(4, isEnd ? 2 : 1);
  view.setUint8(12, 5 << 4);
  view.setUint8(13, isEnd ? RST : SYN);
  view.setUint16(14, 0xffff);
  return bytes;
}

function headerOf4(payload: Uint8Array, protocol: number): Uint8Array {
  const header = new Uint8Array(20);
  viewOf(header).setUint8(0, 0x45);
  viewOf(header).setUint16(2, header.length + payload.length);
  viewOf(header).setUint8(8, 63);
  viewOf(header).setUint8(9, protocol);
  return header;
}

function headerOf6(payload: Uint8Array, protocol: number): Uint8Array {
  const header = new Uint8Array(40);
  viewOf(header).setUint8(0, 6 << 4);
  viewOf(header).setUint16(4, payload.length);
  viewOf(header).setUint8(6, protocol);
  viewOf(header).setUint8(7, 63);
  return header;
}
