/**
 * IP addresses and blocks as numbers, with one implementation for both families. Formatted text is
 * canonical (RFC 5952 for IPv6).
 */
import { fail } from '../errors.ts';
import { type Family, familyOf, width } from './family.ts';
import { groupsOfIPv6, textOfIPv6 } from './ipv6-text.ts';

export interface Address {
  readonly version: Family;
  readonly value: bigint;
}

/** An address with prefix length. In a block (subnet) the host bits are zero. */
export interface Cidr extends Address {
  readonly prefix: number;
}

/** Reads an address without prefix length and without zone. Throws ADDRESS_INVALID. */
export function parseAddress(text: string): Address {
  const address = readAddress(text);
  if (!address) throw fail('ADDRESS_INVALID', `invalid IP address: ${text}`);
  return address;
}

/** As `parseAddress`, but undefined for an invalid address. */
export function readAddress(text: string): Address | undefined {
  const version = familyOf(text);
  const value = version === 4 ? valueOfIPv4(text) : valueOfIPv6(text);
  return value === undefined ? undefined : { version, value };
}

/** Whether it is an IPv4-mapped IPv6 address or block (`::ffff:192.0.2.1`, RFC 4291 section 2.5.5.2). */
export const isMapped = ({ version, value, prefix = 128 }: Address & { readonly prefix?: number }): boolean =>
  version === 6 && value >> 32n === 0xffffn && prefix >= 96;

/** The IPv4 form of an IPv4-mapped one. */
export const unmapped = ({ value, prefix }: Cidr): Cidr => ({
  version: 4,
  value: value & 0xffff_ffffn,
  prefix: prefix - 96,
});

/** An address of a host; IPv4-mapped ones become IPv4, as in Go's `net.IP`. Undefined for an invalid address. */
export function readHostAddress(text: string): Address | undefined {
  const address = readAddress(text);
  return address && isMapped(address) ? unmapped({ ...address, prefix: 128 }) : address;
}

/** Canonical text of a host's address; text that is not an address is returned unchanged. */
export function hostAddressText(text: string): string {
  const address = readHostAddress(text);
  return address ? formatAddress(address) : text;
}

/** Reads `address/prefix`; host bits may be set. Throws POOL_INVALID in the words of Go's net package. */
export function parseCidr(text: string): Cidr {
  const cidr = readCidr(text);
  if (!cidr) throw fail('POOL_INVALID', `invalid CIDR address: ${text}`);
  return cidr;
}

/** As `parseCidr`, but undefined for an invalid text. */
export function readCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/');
  if (slash < 0) return undefined;
  const address = readAddress(text.slice(0, slash));
  const prefix = smallNumber(text.slice(slash + 1), 128);
  if (!address || prefix === undefined || prefix > width(address.version)) return undefined;
  return { ...address, prefix };
}

/** Reads a block. Throws POOL_INVALID, in Docker's words where host bits are set. */
export function parseSubnet(text: string): Cidr {
  const cidr = parseCidr(text);
  const block = network(cidr);
  if (block.value !== cidr.value)
    throw fail('POOL_INVALID', `invalid subnet ${text}: it should be ${formatCidr(block)}`);
  return cidr;
}

/** Canonical text: dotted quad, or RFC 5952. */
export function formatAddress(address: Address): string {
  return address.version === 4 ? textOfIPv4(Number(address.value)) : textOfIPv6(address.value);
}

/** Canonical text with prefix length. */
export const formatCidr = (cidr: Cidr): string => `${formatAddress(cidr)}/${cidr.prefix}`;

/** How many addresses the block has. */
export const hostCount = (cidr: Cidr): bigint => 1n << BigInt(width(cidr.version) - cidr.prefix);

/** Clears the host bits. */
export function network(cidr: Cidr): Cidr {
  const host = hostCount(cidr) - 1n;
  return { ...cidr, value: cidr.value & ~host };
}

/** The last address of the block; for IPv4 subnets shorter than /31 it is the broadcast address. */
export function broadcast(cidr: Cidr): Address {
  return { version: cidr.version, value: cidr.value | (hostCount(cidr) - 1n) };
}

/** Whether an address, or a whole block, lies in the block `outer`. */
export function contains(outer: Cidr, inner: Address | Cidr): boolean {
  if (outer.version !== inner.version) return false;
  if ('prefix' in inner && inner.prefix < outer.prefix) return false;
  const shift = BigInt(width(outer.version) - outer.prefix);
  return outer.value >> shift === inner.value >> shift;
}

/** Whether two blocks share an address; then one contains the other. */
export const overlaps = (a: Cidr, b: Cidr): boolean => contains(a, b) || contains(b, a);

/** Order: IPv4 before IPv6, then by number, then the larger block first. */
export function compare(a: Address | Cidr, b: Address | Cidr): number {
  if (a.version !== b.version) return a.version - b.version;
  if (a.value !== b.value) return a.value < b.value ? -1 : 1;
  return ('prefix' in a ? a.prefix : 0) - ('prefix' in b ? b.prefix : 0);
}

/** The address plus `steps`, which may be negative. Throws BUG outside of the family's range. */
export function offset(address: Address, steps: bigint): Address {
  const value = address.value + steps;
  if (value < 0n || value >> BigInt(width(address.version)) !== 0n)
    throw fail('BUG', `address ${formatAddress(address)} moved by ${steps}`);
  return { version: address.version, value };
}

/** Decimal without sign or leading zeros, at most `max`. */
function smallNumber(text: string, max: number): number | undefined {
  if (!/^(0|[1-9][0-9]{0,2})$/.test(text)) return undefined;
  const value = Number(text);
  return value <= max ? value : undefined;
}

function valueOfIPv4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let value = 0;
  for (const part of parts) {
    const byte = smallNumber(part, 255);
    if (byte === undefined) return undefined;
    value = value * 256 + byte;
  }
  return BigInt(value);
}

function textOfIPv4(value: number): string {
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
}

function valueOfIPv6(text: string): bigint | undefined {
  const dot = text.indexOf('.');
  if (dot < 0) return groupsOfIPv6(text);
  // the last 32 bits may be written as a dotted quad (RFC 4291 section 2.2)
  const colon = text.lastIndexOf(':');
  const quad = valueOfIPv4(text.slice(colon + 1));
  if (quad === undefined || colon > dot) return undefined;
  const low = `${(quad >> 16n).toString(16)}:${(quad & 0xffffn).toString(16)}`;
  return groupsOfIPv6(text.slice(0, colon + 1) + low);
}

/** Text of an address without its prefix length. */
export const bare = (cidr: string): string => cidr.split('/')[0] ?? cidr;

/** The block of a single address: `192.0.2.1/32`, `2001:db8::1/128`. */
export const blockOfOne = (address: string): string => `${address}/${width(familyOf(address))}`;

/** As Go's net.JoinHostPort: `192.0.2.1:80`, `[2001:db8::1]:80`. */
export const joinHostPort = (host: string, port: number | string): string =>
  familyOf(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;

/** Link-local scope (RFC 3927, RFC 4291 section 2.5.6). */
export const isLinkLocal = (address: string): boolean => /^(fe[89ab][0-9a-f]:|169\.254\.)/i.test(address);
