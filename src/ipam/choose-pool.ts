/** Which subnet a network gets that asked for none. */
import { createHash } from 'node:crypto';
import { fail } from '../errors.ts';
import { type Cidr, formatCidr, parseCidr, parseSubnet, readCidr } from '../net/address.ts';
import { type Family, width } from '../net/family.ts';
import { SubnetTree } from './subnet-tree.ts';

/** Subnets of prefix length `size` are cut from `base` (as dockerd's `--default-address-pool`). */
export interface PoolSource {
  /** CIDR, host bits zero. */
  readonly base: string;
  readonly size: number;
}

/** What Docker cuts subnets from where nothing is configured, in its order. */
export const defaultPools: readonly PoolSource[] = [
  { base: '172.17.0.0/16', size: 16 },
  { base: '172.18.0.0/16', size: 16 },
  { base: '172.19.0.0/16', size: 16 },
  { base: '172.20.0.0/14', size: 16 },
  { base: '172.24.0.0/14', size: 16 },
  { base: '172.28.0.0/14', size: 16 },
  { base: '192.168.0.0/16', size: 20 },
];

export interface PoolQuestion {
  readonly version: Family;
  /** In the order in which they are used; those of the other family are passed over. */
  readonly pools: readonly PoolSource[];
  /** Subnets of other networks. A tree that is kept beside the model spares building one. */
  readonly taken: Iterable<string> | SubnetTree;
  /** Destinations that the host routes; default routes (`/0`) do not count. */
  readonly routed: Iterable<string>;
  /** Prefix length that was asked for instead of each pool's own (`--subnet 0.0.0.0/24`). */
  readonly prefix?: number;
}

/**
 * The first subnet, in the order of the pools, that overlaps no other network and no route.
 * Throws POOLS_EXHAUSTED.
 */
export function choosePool(question: PoolQuestion): string {
  const { version, prefix } = question;
  const tree = question.taken instanceof SubnetTree ? question.taken : treeOf(version, question.taken);
  const routed = blocksOf(version, question.routed);
  for (const block of routed) tree.add(block);
  try {
    for (const { base, size } of question.pools) {
      const from = parseCidr(base);
      const length = prefix ?? size;
      if (from.version !== version || length < from.prefix) continue;
      const found = tree.firstFree(from, length);
      if (found) return formatCidr(found);
    }
  } finally {
    for (const block of routed) tree.remove(block);
  }
  throw fail('POOLS_EXHAUSTED');
}

/** A tree of the blocks of that family among `subnets`. */
export function treeOf(version: Family, subnets: Iterable<string>): SubnetTree {
  return new SubnetTree(version, blocksOf(version, subnets));
}

function blocksOf(version: Family, texts: Iterable<string>): Cidr[] {
  const blocks: Cidr[] = [];
  for (const text of texts) {
    const block = readCidr(text);
    if (block && block.version === version && block.prefix > 0) blocks.push(block);
  }
  return blocks;
}

/**
 * The prefix length of a request that names a size and no address (`0.0.0.0/24`, `::/64`), as Docker 29
 * takes it; undefined where a subnet is named.
 */
export function askedPrefix(subnet: string): number | undefined {
  const cidr = readCidr(subnet);
  return cidr?.value === 0n && cidr.prefix > 0 ? cidr.prefix : undefined;
}

/**
 * A unique local IPv6 prefix for /64 subnets: `fd`, then 40 bits from a seed that stays the same for
 * one engine and differs between engines (RFC 4193 section 3.2.2), such as the engine's id.
 */
export function ulaPool(seed: string): PoolSource {
  const id = createHash('sha256').update(seed).digest('hex').slice(-10);
  const base = parseCidr(`fd${id.slice(0, 2)}:${id.slice(2, 6)}:${id.slice(6)}::/48`);
  return { base: formatCidr(base), size: 64 };
}

/** Refuses a configured pool that no subnet can be cut from. Throws POOL_INVALID. */
export function checkPoolSource({ base, size }: PoolSource): void {
  const block = parseSubnet(base);
  const longest = width(block.version);
  if (size < block.prefix || size > longest || size === 0)
    throw fail(
      'POOL_INVALID',
      `invalid pool size ${size} for ${base}: it should be within ${block.prefix} and ${longest}`,
    );
}
