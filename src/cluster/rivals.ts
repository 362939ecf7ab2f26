/**
 * Networks of one store that cannot exist side by side: hosts that were cut off from each other have made them, or a store
 * was wiped or restored between. The older one stays. Pure.
 */
import { treeOf } from '../ipam/choose-pool.ts';
import { overlaps, readCidr } from '../net/address.ts';
import type { StoredNetwork } from './network-format.ts';

interface Rival extends Pick<StoredNetwork, 'id' | 'name' | 'created' | 'overlay' | 'ipam'> {
  /** Containers are on it, on any host. */
  readonly used?: boolean;
}

/** A network that gives way. */
export interface Defeat {
  readonly network: Rival;
  /** The network that stays. */
  readonly to: Rival;
  /** What both have: `the name app`. */
  readonly shared: string;
}

/** By creation time, then by id: every host decides alike. */
export const isOlder = (
  a: { readonly created: string; readonly id: string },
  b: { readonly created: string; readonly id: string },
): boolean => (a.created === b.created ? a.id < b.id : a.created < b.created);

/** One without containers gives way: a backup may have brought it back. */
const staysBefore = (a: Rival, b: Rival): boolean =>
  (a.used ?? false) === (b.used ?? false) ? isOlder(a, b) : a.used === true;

/** What two networks have that only one may have; undefined for nothing. */
export function sharedBy(a: Rival, b: Rival): string | undefined {
  if (a.id === b.id) return undefined;
  if (a.name === b.name) return `the name ${a.name}`;
  const vni = a.overlay?.vnis.find((one) => b.overlay?.vnis.includes(one));
  if (vni !== undefined) return `the VXLAN id ${vni}`;
  const blocks = b.ipam.pools.flatMap(({ subnet }) => readCidr(subnet) ?? []);
  const pool = a.ipam.pools.find(({ subnet }) => {
    const block = readCidr(subnet);
    return block && blocks.some((other) => overlaps(block, other));
  });
  return pool && `addresses of ${pool.subnet}`;
}

/** The networks that give way, by id. One that gives way takes nothing from others. */
export function defeats(networks: Iterable<Rival>): ReadonlyMap<string, Defeat> {
  const staying: Rival[] = [];
  const names = new Set<string>();
  const vnis = new Set<number>();
  const taken = { 4: treeOf(4, []), 6: treeOf(6, []) };
  const lost = new Map<string, Defeat>();
  for (const network of [...networks].sort((a, b) => (staysBefore(a, b) ? -1 : 1))) {
    const own = network.overlay?.vnis ?? [];
    const blocks = network.ipam.pools.flatMap(({ subnet }) => readCidr(subnet) ?? []);
    const isRival =
      names.has(network.name) ||
      own.some((vni) => vnis.has(vni)) ||
      blocks.some((block) => taken[block.version].overlaps(block));
    // rare, so that the search may be slow
    const to = isRival ? staying.find((one) => sharedBy(network, one) !== undefined) : undefined;
    if (to) {
      lost.set(network.id, { network, to, shared: sharedBy(network, to) ?? '' });
      continue;
    }
    staying.push(network);
    names.add(network.name);
    for (const vni of own) vnis.add(vni);
    for (const block of blocks) taken[block.version].add(block);
  }
  return lost;
}
