/** Choice of a subnet for a network that names none. */
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

/** Docker's default address pools, in its order. */
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
  /** In order of preference; those of the other family are skipped. */
  readonly pools: readonly PoolSource[];
  /** Subnets of other networks; a tree that already exists saves building one. */
  readonly taken: Iterable<string> | SubnetTree;
  /** Destinations of the host's routes; default routes (`/0`) are ignored. */
  readonly routed: Iterable<string>;
  /** Requested prefix length, in place of each pool's (`--subnet 0.0.0.0/24`). */
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

/** A tree of those `subnets` that are of the family. */
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
 * The prefix length of a request for any subnet of that size (`0.0.0.0/24`, `::/64`; as in Docker 29);
 * undefined where a subnet is named.
 */
export function askedPrefix(subnet: string): number | undefined {
  const cidr = readCidr(subnet);
  return cidr?.value === 0n && cidr.prefix > 0 ? cidr.prefix : undefined;
}

/**
 * A unique local IPv6 prefix for /64 subnets (RFC 4193 section 3.2.2): `fd` and 40 bits hashed from the
 * seed, which is fixed for one engine and differs between engines.
 */
export function ulaPool(seed: string): PoolSource {
  const id = createHash('sha256').update(seed).digest('hex').slice(-10);
  const base = parseCidr(`fd${id.slice(0, 2)}:${id.slice(2, 6)}:${id.slice(6)}::/48`);
  return { base: formatCidr(base), size: 64 };
}

/** Throws POOL_INVALID for a configured pool that has no subnet of its size. */
export function checkPoolSource({ base, size }: PoolSource): void {
  const block = parseSubnet(base);
  const longest = width(block.version);
  if (size < block.prefix || size > longest || size === 0)
    throw fail(
      'POOL_INVALID',
      `invalid pool size ${size} for ${base}: it should be within ${block.prefix} and ${longest}`,
    );
}
