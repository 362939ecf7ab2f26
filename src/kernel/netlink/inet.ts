/** Addresses as bytes of messages. Pure. */
import { fail } from '../../errors.ts';
import { parseAddress } from '../../net/address.ts';
import { width } from '../../net/family.ts';
import { textOfIPv6 } from '../../net/ipv6-text.ts';
import { readMac } from '../../net/mac.ts';

/** The bytes of an IPv4 (4) or IPv6 (16) address in network order. Throws ADDRESS_INVALID. */
export function addressBytes(text: string): Uint8Array {
  const { version, value } = parseAddress(text);
  return bytesOf(value.toString(16).padStart(width(version) / 4, '0'));
}

/** The canonical text of 4 or 16 bytes. */
export function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.length === 16) return textOfIPv6(BigInt(`0x${Buffer.from(bytes).toString('hex')}`));
  throw fail('BUG', `an address of ${bytes.length} bytes`);
}

/** Splits `172.17.0.2/16`; without a prefix length it is the full length of the address. Throws ADDRESS_INVALID. */
export function parsePrefix(text: string): { address: string; bytes: Uint8Array; length: number } {
  const [address = '', prefix] = text.split('/');
  const bytes = addressBytes(address);
  const length = prefix === undefined ? bytes.length * 8 : Number(prefix);
  if (!Number.isInteger(length) || length < 0 || length > bytes.length * 8 || prefix === '') {
    throw fail('ADDRESS_INVALID', `invalid prefix length: ${text}`);
  }
  return { address, bytes, length };
}

/** Throws ADDRESS_INVALID. */
export function macBytes(text: string): Uint8Array {
  const mac = readMac(text);
  if (mac === undefined) throw fail('ADDRESS_INVALID', `invalid MAC address: ${text}`);
  return bytesOf(mac.replaceAll(':', ''));
}

export const macText = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':');

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));
