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
