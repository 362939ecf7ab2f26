/** Addresses as text and as bytes. Pure. IPv6 text is canonical (RFC 5952). */

import { fail } from '../../errors.ts';
import { familyOf } from '../../net/family.ts';

/** The bytes of an IPv4 (4) or IPv6 (16) address in network order. */
export function addressBytes(text: string): Uint8Array {
  return familyOf(text) === 4 ? ipv4Bytes(text) : ipv6Bytes(text);
}

/** The canonical text of 4 or 16 bytes. */
export function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.length === 16) return ipv6Text(bytes);
  throw fail('BUG', `an address of ${bytes.length} bytes`);
}

/** `172.17.0.2/16` in its parts; without a prefix length it is the address's full length. */
export function parsePrefix(text: string): { address: string; bytes: Uint8Array; length: number } {
  const [address = '', prefix] = text.split('/');
  const bytes = addressBytes(address);
  const length = prefix === undefined ? bytes.length * 8 : Number(prefix);
  if (!Number.isInteger(length) || length < 0 || length > bytes.length * 8 || prefix === '') {
    throw fail('ADDRESS_INVALID', `invalid prefix length: ${text}`);
  }
  return { address, bytes, length };
}

export function macBytes(text: string): Uint8Array {
  const bytes = text.split(':').map((part) => (/^[0-9a-f]{2}$/i.test(part) ? Number.parseInt(part, 16) : -1));
  if (bytes.length !== 6 || bytes.includes(-1)) {
    throw fail('ADDRESS_INVALID', `invalid MAC address: ${text}`);
  }
  return Uint8Array.from(bytes);
}

export const macText = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':');

function ipv4Bytes(text: string, whole = text): Uint8Array {
  const parts = text.split('.').map((part) => (/^(0|[1-9]\d{0,2})$/.test(part) ? Number(part) : 256));
  if (parts.length !== 4 || parts.some((part) => part > 255)) throw invalid(whole);
  return Uint8Array.from(parts);
}

function ipv6Bytes(text: string): Uint8Array {
  const halves = text.split('::');
  if (halves.length > 2) throw invalid(text);
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : words(half, text)));
  const gap = 8 - head.length - tail.length;
  if (halves.length === 1 ? gap !== 0 : gap < 1) throw invalid(text);
  const all = [...head, ...Array<number>(gap).fill(0), ...tail];
  return Uint8Array.from(all.flatMap((word) => [word >> 8, word & 0xff]));
}

function words(half: string, whole: string): number[] {
  return half.split(':').flatMap((part, index, parts) => {
    if (part.includes('.') && index === parts.length - 1) {
      const [a = 0, b = 0, c = 0, d = 0] = ipv4Bytes(part, whole);
      return [(a << 8) | b, (c << 8) | d];
    }
    if (!/^[0-9a-f]{1,4}$/i.test(part)) throw invalid(whole);
    return [Number.parseInt(part, 16)];
  });
}

function ipv6Text(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
  const all = Array.from({ length: 8 }, (_, index) => view.getUint16(index * 2));
  // RFC 5952 4.1: an IPv4-mapped address ends in IPv4's own notation
  if (all.slice(0, 5).every((word) => word === 0) && all[5] === 0xffff) {
    return `::ffff:${bytes.slice(12).join('.')}`;
  }
  const run = longestZeroRun(all);
  const hex = (part: number[]): string => part.map((word) => word.toString(16)).join(':');
  if (run.length < 2) return hex(all);
  return `${hex(all.slice(0, run.start))}::${hex(all.slice(run.start + run.length))}`;
}

function longestZeroRun(all: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < 8; start++) {
    let end = start;
    while (end < 8 && all[end] === 0) end++;
    if (end - start > best.length) best = { start, length: end - start };
  }
  return best;
}

const invalid = (text: string): Error => fail('ADDRESS_INVALID', `invalid IP address: ${text}`);
