/**
 * Virtual addresses of services. A chain of nftables has each, and its name tells what is in it, so that listing chains is
 * enough to compare.
 */
import { createHash } from 'node:crypto';
import type { Kind } from './kind.ts';
import type { VirtualAddress } from './object.ts';
import { ranks } from './ranks.ts';

/** What rules and flows of an address follow from: whether it is open, and a hash of its backends. */
export function virtualDigest({ open, draining }: VirtualAddress): string {
  const backends = `${open.join(' ')}|${draining.join(' ')}`;
  const hash = createHash('sha256').update(backends).digest('hex').slice(0, 12);
  return `${open.length > 0 ? 'open' : 'closed'}-${hash}`;
}

const line = ({ address, open, draining }: VirtualAddress): string => {
  const rest = draining.length > 0 ? `; draining ${draining.join(', ')}` : '';
  return `virtual address ${address} to ${open.join(', ') || 'nobody'}${rest}`;
};

export const virtual: Kind<'virtual'> = {
  key: ({ ns }) => `${ns}/virtual`,
  rank: () => ranks.virtual,
  print: ({ addresses }) => addresses.map(line),
  differences: (desired, { addresses }) => {
    const wanted = new Map(desired.addresses.map((one) => [one.address, virtualDigest(one)]));
    return [...new Set([...wanted.keys(), ...addresses.keys()])].flatMap((field) => {
      const [is, was] = [wanted.get(field) ?? '', addresses.get(field) ?? ''];
      return is === was ? [] : [{ field, desired: is, observed: was, inPlace: true }];
    });
  },
  removable: () => false,
  goesWith: () => [],
};
