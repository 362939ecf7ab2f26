/** The names under which DNS looks addresses up backwards. */
import { addressText } from '../kernel/netlink/inet.ts';

/**
 * The address that a name of in-addr.arpa (RFC 1035, 3.5) or ip6.arpa (RFC 3596, 2.5) in lower case
 * stands for, in canonical text; undefined for any other name, also for one of a whole network.
 */
export function addressOfReverse(name: string): string | undefined {
  const labels = name.split('.').reverse();
  if (labels[0] !== 'arpa') return undefined;
  const parts = labels.slice(2);
  if (labels[1] === 'in-addr' && parts.length === 4 && parts.every(isOctet)) return parts.join('.');
  if (labels[1] !== 'ip6' || parts.length !== 32 || !parts.every((part) => /^[0-9a-f]$/.test(part)))
    return undefined;
  return addressText(Buffer.from(parts.join(''), 'hex'));
}

const isOctet = (text: string): boolean => /^(0|[1-9]\d{0,2})$/.test(text) && Number(text) <= 255;
