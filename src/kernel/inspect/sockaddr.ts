/** `struct sockaddr_in` and `sockaddr_in6` (ip(7), ipv6(7)). Pure. */
import { AF_INET, AF_INET6 } from '../ffi/constants.ts';
import { viewOf } from '../netlink/attributes.ts';
import { addressBytes, addressText } from '../netlink/inet.ts';

/** The largest. */
export const sockaddrLength = 28;

export function encodeSockaddr(address: string, port: number): Uint8Array {
  const inside = addressBytes(address);
  const bytes = new Uint8Array(inside.length === 4 ? 16 : sockaddrLength);
  viewOf(bytes).setUint16(0, inside.length === 4 ? AF_INET : AF_INET6, true);
  viewOf(bytes).setUint16(2, port);
  bytes.set(inside, inside.length === 4 ? 4 : 8);
  return bytes;
}

export function decodeSockaddr(bytes: Uint8Array): { readonly address: string; readonly port: number } {
  const isFour = viewOf(bytes).getUint16(0, true) === AF_INET;
  const address = addressText(isFour ? bytes.slice(4, 8) : bytes.slice(8, 24));
  return { address, port: viewOf(bytes).getUint16(2) };
}
