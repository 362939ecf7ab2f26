/** MAC addresses. */

/** Canonical text (lower case, colons) of a 48-bit address in any form that Go's `net.ParseMAC` accepts, else undefined. */
export function readMac(text: string): string | undefined {
  const isWritten =
    /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(text) ||
    /^[0-9a-f]{2}(-[0-9a-f]{2}){5}$/i.test(text) ||
    /^[0-9a-f]{4}(\.[0-9a-f]{4}){2}$/i.test(text);
  if (!isWritten) return undefined;
  const digits = text.toLowerCase().replace(/[^0-9a-f]/g, '');
  return (digits.match(/../g) ?? []).join(':');
}

/** The link-local address that the kernel gives a link by default (RFC 4291, appendix A), with prefix length. */
export function linkLocalOf(mac: string): string {
  const [first = 0, ...rest] = mac.split(':').map((digits) => Number.parseInt(digits, 16));
  const bytes = [first ^ 2, ...rest.slice(0, 2), 0xff, 0xfe, ...rest.slice(2)];
  const words = [0, 2, 4, 6].map((at) => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0));
  return `fe80::${words.map((word) => word.toString(16)).join(':')}/64`;
}
