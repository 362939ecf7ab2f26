/** `network create`'s --subnet, --ip-range, --gateway and --aux-address to the API's IPAM configuration. */
import { contains, overlaps, parseAddress, parseCidr } from '../../net/address.ts';
import { CliError } from '../failure.ts';

export interface IpamPool {
  readonly Subnet: string;
  IPRange?: string;
  Gateway?: string;
  AuxiliaryAddresses?: Record<string, string>;
}

export interface IpamFlags {
  readonly subnets: readonly string[];
  readonly ranges: readonly string[];
  readonly gateways: readonly string[];
  readonly aux: Readonly<Record<string, string>>;
}

/** A pool for every subnet; ranges, gateways and addresses go where they belong. Throws `CliError`. */
export function ipamPools({ subnets, ranges, gateways, aux }: IpamFlags): IpamPool[] {
  if (subnets.length < ranges.length || subnets.length < gateways.length) {
    throw new CliError('every ip-range or gateway must have a corresponding subnet');
  }
  const pools: IpamPool[] = [];
  for (const subnet of subnets) {
    if (pools.some((pool) => overlaps(parseCidr(pool.Subnet), parseCidr(subnet)))) {
      throw new CliError('multiple overlapping subnet configuration is not supported');
    }
    pools.push({ Subnet: subnet });
  }
  for (const range of ranges) {
    const pool = pools.find(({ Subnet }) => contains(parseCidr(Subnet), parseCidr(range)));
    if (pool === undefined) throw new CliError(`no matching subnet for range ${range}`);
    if (pool.IPRange !== undefined)
      throw new CliError(
        `cannot configure multiple ranges (${range}, ${pool.IPRange}) on the same subnet (${pool.Subnet})`,
      );
    pool.IPRange = range;
  }
  for (const gateway of gateways) {
    const pool = poolOf(pools, gateway, `no matching subnet for gateway ${gateway}`);
    if (pool.Gateway !== undefined)
      throw new CliError(
        `cannot configure multiple gateways (${gateway}, ${pool.Gateway}) for the same subnet (${pool.Subnet})`,
      );
    pool.Gateway = gateway;
  }
  for (const [name, address] of Object.entries(aux)) {
    const pool = poolOf(pools, address, `no matching subnet for aux-address ${address}`);
    pool.AuxiliaryAddresses = { ...pool.AuxiliaryAddresses, [name]: address };
  }
  return pools;
}

function poolOf(pools: readonly IpamPool[], address: string, otherwise: string): IpamPool {
  const pool = pools.find(({ Subnet }) => contains(parseCidr(Subnet), parseAddress(address)));
  if (pool === undefined) throw new CliError(otherwise);
  return pool;
}
