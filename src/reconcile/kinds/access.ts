/** Rules for the flows of sandboxes, in a table of nftables in each, changed in one transaction. */
import { messageOf } from '../../errors.ts';
import type { Namespace } from '../../kernel/kernel.ts';
import { trackConnections } from '../../kernel/netfilter/connections.ts';
import { printTable } from '../../kernel/netfilter/nftables.ts';
import { familyOf } from '../../net/family.ts';
import { parseNamespace } from '../../objects/namespace-ref.ts';
import type { AccessObject } from '../../objects/object.ts';
import type { Handles } from '../handles.ts';
import { accessCommands, accessTable, existingIn, nameSet } from './access-commands.ts';
import { type AllowedAddress, AllowedUntil, type SetElement, timeoutOf } from './allowed-until.ts';
import type { ActiveKind } from './kind.ts';

/**
 * Seal of the table as the engine left it, or `none`. An empty chain has it in its name for the next process: writing takes
 * 20 ms, and there may be many namespaces at a start.
 */
const written = new WeakMap<Namespace, string>();
const none = 'none';
const seen = /\n*\tchain seen-([0-9a-f]+) \{\n\t\}/;

/** What the sets of names have; forgotten where they may have changed. */
const allowedUntil = new WeakMap<Namespace, AllowedUntil>();

/** The table without counters and set elements, which packets change; undefined for none. */
function list(namespace: Namespace): string | undefined {
  try {
    return namespace.inside(() => printTable(`inet ${accessTable}`));
  } catch (error) {
    if (messageOf(error).includes('No such file')) return undefined;
    throw error;
  }
}

type Sealing = Pick<Handles, 'seal'>;

interface Listed {
  readonly namespace: Namespace;
  readonly listing: string;
}

const sealOf = ({ seal }: Sealing, listing: string): string => seal(listing.replace(seen, ''));

/** Whether it is as the engine left it, in this process or an earlier one. */
const isUntouched = (handles: Sealing, { namespace, listing }: Listed): boolean =>
  (written.get(namespace) ?? seen.exec(listing)?.[1]) === sealOf(handles, listing);

/** What somebody else has changed is made again as a whole: commands for its parts may fail, such as for a chain without its hook. */
async function put(object: AccessObject, handles: Handles): Promise<void> {
  const namespace = handles.namespace(object.ns);
  const listing = list(namespace);
  if (listing === undefined) await trackConnections(namespace);
  const isKept = listing !== undefined && isUntouched(handles, { namespace, listing });
  namespace.nft(accessCommands(object, isKept ? existingIn(listing) : undefined));
  allowedUntil.delete(namespace);
  const seal = sealOf(handles, list(namespace) ?? '');
  namespace.nft(`add chain inet ${accessTable} seen-${seal}\n`);
  written.set(namespace, seal);
}

/** '' where somebody else has changed the table. */
function digestIn(handles: Sealing, listed: Listed): string {
  if (!isUntouched(handles, listed)) return '';
  const { namespace, listing } = listed;
  written.set(namespace, sealOf(handles, listing));
  return /^\tchain digest-([0-9a-f]+) \{/m.exec(listing)?.[1] ?? '';
}

export const access: ActiveKind<'access'> = {
  /** Where none are wanted it is looked at once, for what was left behind by a crash. */
  observe: ({ inside, desired, handles }) =>
    inside.flatMap(({ ns, namespace }) => {
      if (parseNamespace(ns).of !== 'sandbox') return [];
      const isWanted = desired.some((one) => one.kind === 'access' && one.ns === ns);
      if (!isWanted && written.get(namespace) === none) return [];
      const listing = list(namespace);
      if (listing === undefined) {
        written.set(namespace, none);
        return [];
      }
      return [{ kind: 'access' as const, ns, digest: digestIn(handles, { namespace, listing }) }];
    }),
  make: put,
  change: ({ object }, handles) => put(object, handles),
  remove: ({ ns }, handles) => deleteTable(handles.namespace(ns)),
};

function deleteTable(namespace: Namespace): void {
  namespace.nft(`delete table inet ${accessTable}\n`);
  allowedUntil.delete(namespace);
}

/** Adds addresses to sets of names, or lets them stay longer, never shorter. Throws KERNEL where a set is not there. */
export function allowAddresses(
  namespace: Namespace,
  {
    patterns,
    allowed,
  }: { readonly patterns: readonly string[]; readonly allowed: readonly AllowedAddress[] },
): void {
  const now = performance.now();
  const until = allowedUntil.get(namespace) ?? new AllowedUntil();
  const wanted = patterns.flatMap((pattern) =>
    allowed.map((one) => ({ ...one, set: nameSet(pattern, familyOf(one.address)) })),
  );
  const due = until.due(wanted, now);
  if (due.length === 0) return;
  namespace.nft(due.map(elementCommands).join(''));
  until.note(due, now);
  allowedUntil.set(namespace, until);
}

/** An element that is added again keeps its time before Linux 6.12. */
function elementCommands(one: SetElement): string {
  const [set, element] = [`inet ${accessTable} ${one.set}`, one.address];
  return (
    `add element ${set} { ${element} }\ndelete element ${set} { ${element} }\n` +
    `add element ${set} { ${element} timeout ${timeoutOf(one)}ms }\n`
  );
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
  if (list(namespace) !== undefined) deleteTable(namespace);
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
