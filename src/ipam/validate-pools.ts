/** Checks of the pools that a network asks for, and the gateway of a pool. */
import { fail } from '../errors.ts';
import {
  type Cidr,
  contains,
  formatAddress,
  formatCidr,
  hostCount,
  isMapped,
  network,
  offset,
  overlaps,
  parseSubnet,
  readCidr,
  readHostAddress,
  unmapped,
} from '../net/address.ts';
import { AddressSet, unusableAddresses } from './address-set.ts';
import type { Pool } from './pool.ts';
import type { SubnetTree } from './subnet-tree.ts';

/** A requested pool; its subnet is named or already chosen. */
export interface PoolSpec extends Omit<Pool, 'auxAddresses'> {
  readonly auxAddresses?: Readonly<Record<string, string>>;
}

export interface PoolRules {
  /** Give every pool a gateway. False where the network has none (`isolated`, ipvlan l3). */
  readonly gateway: boolean;
}

/**
 * Checks the pools of a new network against each other and against the subnets of other networks, and
 * fills in defaults. Several subnets of one family are allowed. Addresses come back in canonical text.
 * Throws POOL_INVALID with all problems in one message, as Docker 28 does; POOL_OVERLAPS;
 * POOL_ADDRESS_TAKEN where the gateway or an auxiliary address is not free.
 */
export function validatePools(
  asked: readonly PoolSpec[],
  others: Iterable<string> | readonly SubnetTree[],
  rules: PoolRules = { gateway: true },
): readonly Pool[] {
  const complaints = asked.flatMap(complaintsAbout);
  if (complaints.length > 0) throw fail('POOL_INVALID', `invalid network config:\n${complaints.join('\n')}`);
  const subnets = asked.map((pool) => parseSubnet(pool.subnet));
  refuseOverlaps(subnets, [...others]);
  return asked.map((pool) => complete(pool, rules));
}

function refuseOverlaps(subnets: readonly Cidr[], others: readonly (string | SubnetTree)[]): void {
  for (const [i, subnet] of subnets.entries()) {
    if (subnets.slice(0, i).some((earlier) => overlaps(earlier, subnet))) throw fail('POOL_OVERLAPS');
    for (const other of others) if (overlapsOther(subnet, other)) throw fail('POOL_OVERLAPS');
  }
}

function overlapsOther(subnet: Cidr, other: string | SubnetTree): boolean {
  if (typeof other !== 'string') return other.version === subnet.version && other.overlaps(subnet);
  const block = readCidr(other);
  return block !== undefined && overlaps(subnet, block);
}

/** All problems of one pool, in Docker's words (moby api/types/network, ValidateIPAM). */
function complaintsAbout(pool: PoolSpec): string[] {
  const subnet = readCidr(pool.subnet);
  if (!subnet) return [`invalid subnet ${pool.subnet}: invalid CIDR block notation`];
  if (isMapped(subnet))
    return [
      `invalid subnet ${pool.subnet}: write an IPv4-mapped subnet as IPv4: ${formatCidr(unmapped(subnet))}`,
    ];
  const found: string[] = [];
  if (network(subnet).value !== subnet.value)
    found.push(`invalid subnet ${formatCidr(subnet)}: it should be ${formatCidr(network(subnet))}`);
  found.push(...complaintsAboutRange(pool.ipRange, subnet));
  const gateway = complaintAboutAddress(pool.gateway, subnet);
  if (gateway) found.push(`invalid gateway ${pool.gateway}: ${gateway}`);
  for (const [name, address] of Object.entries(pool.auxAddresses ?? {})) {
    const why = complaintAboutAddress(address, subnet);
    if (why) found.push(`invalid auxiliary address ${name}: ${why}`);
  }
  return found;
}

function complaintsAboutRange(text: string | undefined, subnet: Cidr): string[] {
  if (text === undefined || text === '') return [];
  const range = readCidr(text);
  if (!range) return [`invalid ip-range ${text}: invalid CIDR block notation`];
  if (range.version !== subnet.version)
    return [`invalid ip-range ${text}: parent subnet is an IPv${subnet.version} block`];
  const found: string[] = [];
  if (range.prefix < subnet.prefix)
    found.push(`invalid ip-range ${text}: CIDR block is bigger than its parent subnet ${formatCidr(subnet)}`);
  if (network(range).value !== range.value)
    found.push(`invalid ip-range ${text}: it should be ${formatCidr(network(range))}`);
  if (!overlaps(subnet, range))
    found.push(`invalid ip-range ${text}: parent subnet ${formatCidr(subnet)} doesn't contain ip-range`);
  return found;
}

function complaintAboutAddress(text: string | undefined, subnet: Cidr): string | undefined {
  if (text === undefined || text === '') return undefined;
  const address = readHostAddress(text);
  if (!address) return 'invalid address';
  if (address.version !== subnet.version) return `parent subnet is an IPv${subnet.version} block`;
  if (!contains(subnet, address)) return `parent subnet ${formatCidr(subnet)} doesn't contain this address`;
  return undefined;
}

function complete(asked: PoolSpec, rules: PoolRules): Pool {
  const subnet = parseSubnet(asked.subnet);
  const bare = { subnet: formatCidr(subnet), auxAddresses: {} };
  const range = asked.ipRange ? { ipRange: formatCidr(parseSubnet(asked.ipRange)) } : {};
  const taken = new AddressSet({ ...bare, ...range });
  const gateway = asked.gateway
    ? take(taken, 'gateway', asked.gateway)
    : rules.gateway
      ? defaultGateway(asked)
      : undefined;
  if (gateway !== undefined && !asked.gateway) take(taken, 'gateway', gateway);
  const auxAddresses = Object.fromEntries(
    Object.entries(asked.auxAddresses ?? {}).map(([name, address]) => [
      name,
      take(taken, `secondary ip address`, address, `${name}:${address}`),
    ]),
  );
  const chosen = asked.chosen ? { chosen: asked.chosen } : {};
  return { ...bare, ...chosen, ...range, ...(gateway === undefined ? {} : { gateway }), auxAddresses };
}

function take(taken: AddressSet, what: string, text: string, shown = text): string {
  const address = readHostAddress(text);
  if (!address || !taken.reserve(formatAddress(address))) throw fail('POOL_ADDRESS_TAKEN', what, shown);
  return formatAddress(address);
}

/**
 * The gateway of a pool that names none, as Docker chooses it: the first usable address of the ip-range,
 * or of the subnet without one. Throws POOL_INVALID where there is no usable address.
 */
export function defaultGateway(pool: Pick<Pool, 'subnet' | 'ipRange'>): string {
  const subnet = parseSubnet(pool.subnet);
  const range = pool.ipRange ? parseSubnet(pool.ipRange) : subnet;
  const unusable = unusableAddresses(subnet).map(({ value }) => value);
  for (let step = 0n; step < hostCount(range); step++) {
    const address = offset(range, step);
    if (!unusable.includes(address.value)) return formatAddress(address);
  }
  throw fail('POOL_INVALID', 'failed to allocate gateway (): No available addresses on this pool');
}
