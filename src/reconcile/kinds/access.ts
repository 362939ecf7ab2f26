/** Rules for the flows of sandboxes, in a table of nftables in each, changed in one transaction. */
import { createHash } from 'node:crypto';
import { messageOf } from '../../errors.ts';
import type { Namespace } from '../../kernel/kernel.ts';
import { trackConnections } from '../../kernel/netfilter/connections.ts';
import { familyOf } from '../../net/family.ts';
import { parseNamespace } from '../../objects/namespace-ref.ts';
import type { AccessObject } from '../../objects/object.ts';
import { accessCommands, accessTable, type Existing, nameSet } from './access-commands.ts';
import type { ActiveKind } from './kind.ts';

/**
 * A hash of the table's listing as it was when it was written, or `none`. The name of a chain has it too, for the next process:
 * writing takes 20 ms, and there may be many namespaces at a start.
 */
const written = new WeakMap<Namespace, string>();
const none = 'none';
const seen = /\n*\tchain seen-([0-9a-f]+) \{\n\t\}/;

/** The table as nftables lists it; undefined for none. */
function list(namespace: Namespace): string | undefined {
  try {
    return namespace.nft(`list table inet ${accessTable}`);
  } catch (error) {
    if (messageOf(error).includes('No such file')) return undefined;
    throw error;
  }
}

/** Of all that packets do not change. */
function hashOf(listing: string): string {
  const text = listing
    .replace(seen, '')
    .replaceAll(/packets \d+ bytes \d+/g, '')
    .replaceAll(/\n\s*elements = \{[^}]*\}/g, '');
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

const namesIn = (listing: string, what: string): readonly string[] =>
  Array.from(listing.matchAll(new RegExp(`^\\t${what} (\\S+) \\{`, 'gm')), ([, name = '']) => name);

const existingIn = (listing: string): Existing => ({
  sets: namesIn(listing, 'set'),
  counters: namesIn(listing, 'counter'),
  chains: namesIn(listing, 'chain'),
});

async function put(object: AccessObject, namespace: Namespace): Promise<void> {
  const listing = list(namespace);
  if (listing === undefined) await trackConnections(namespace);
  namespace.nft(accessCommands(object, listing === undefined ? undefined : existingIn(listing)));
  const hash = hashOf(list(namespace) ?? '');
  namespace.nft(`add chain inet ${accessTable} seen-${hash}\n`);
  written.set(namespace, hash);
}

/** '' where somebody else has changed the table. */
function digestIn(namespace: Namespace, listing: string): string {
  const known = written.get(namespace) ?? seen.exec(listing)?.[1];
  if (known !== hashOf(listing)) return '';
  written.set(namespace, known);
  return /^\tchain digest-([0-9a-f]+) \{/m.exec(listing)?.[1] ?? '';
}

export const access: ActiveKind<'access'> = {
  /** Where none are wanted it is looked at once, for what was left behind by a crash. */
  observe: ({ inside, desired }) =>
    inside.flatMap(({ ns, namespace }) => {
      if (parseNamespace(ns).of !== 'sandbox') return [];
      const isWanted = desired.some((one) => one.kind === 'access' && one.ns === ns);
      if (!isWanted && written.get(namespace) === none) return [];
      const listing = list(namespace);
      if (listing === undefined) {
        written.set(namespace, none);
        return [];
      }
      return [{ kind: 'access' as const, ns, digest: digestIn(namespace, listing) }];
    }),
  make: (object, handles) => put(object, handles.namespace(object.ns)),
  change: ({ object }, handles) => put(object, handles.namespace(object.ns)),
  remove({ ns }, handles) {
    handles.namespace(ns).nft(`delete table inet ${accessTable}\n`);
  },
};

/** For how many seconds an address is one of the name's. */
export interface AllowedAddress {
  readonly address: string;
  readonly seconds: number;
}

/** Adds addresses to sets of names, or lets them stay longer. Throws KERNEL where a set is not there. */
export function allowAddresses(
  namespace: Namespace,
  {
    patterns,
    allowed,
  }: { readonly patterns: readonly string[]; readonly allowed: readonly AllowedAddress[] },
): void {
  const commands = patterns.flatMap((pattern) =>
    allowed.map(({ address, seconds }) => {
      const set = `inet ${accessTable} ${nameSet(pattern, familyOf(address))}`;
      // an element that is added again keeps its time before Linux 6.12
      return (
        `add element ${set} { ${address} }\ndelete element ${set} { ${address} }\n` +
        `add element ${set} { ${address} timeout ${seconds}s }\n`
      );
    }),
  );
  namespace.nft(commands.join(''));
}

/** Whether the resolver has answered that address for a name of the pattern, and not too long ago. */
export function isAnswered(namespace: Namespace, pattern: string, address: string): boolean {
  try {
    namespace.nft(`get element inet ${accessTable} ${nameSet(pattern, familyOf(address))} { ${address} }`);
    return true;
  } catch (error) {
    if (messageOf(error).includes('No such file')) return false;
    throw error;
  }
}

/** For a namespace that stays without the engine. None is no error. */
export function removeAccess(namespace: Namespace): void {
  if (list(namespace) !== undefined) namespace.nft(`delete table inet ${accessTable}\n`);
}

/** Packets and bytes by counter; empty where there is no table. */
export function readCounters(
  namespace: Namespace,
): ReadonlyMap<string, readonly [packets: number, bytes: number]> {
  const counters = new Map<string, readonly [number, number]>();
  let text = '';
  try {
    text = namespace.nft(`list counters table inet ${accessTable}`);
  } catch (error) {
    if (!messageOf(error).includes('No such file')) throw error;
  }
  for (const [, name = '', packets, bytes] of text.matchAll(/counter (\S+) \{\s*packets (\d+) bytes (\d+)/g))
    counters.set(name, [Number(packets), Number(bytes)]);
  return counters;
}
