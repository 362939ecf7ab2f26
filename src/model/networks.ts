/** Transitions of networks: made (with all their choices) and removed. */

import { fail } from '../errors.ts';
import { askedPrefix, choosePool, type PoolSource } from '../ipam/choose-pool.ts';
import type { Pool } from '../ipam/pool.ts';
import { type PoolSpec, validatePools } from '../ipam/validate-pools.ts';
import { overlaps, parseCidr } from '../net/address.ts';
import { type Family, familyOf } from '../net/family.ts';
import type { Facts } from '../objects/object.ts';
import type { Driver, RequestContext } from './driver.ts';
import type { Generators } from './generators.ts';
import { reserveHostAddress } from './host-address.ts';
import { routedByHosts } from './host-routes.ts';
import { leasesHere } from './leases.ts';
import type { CompleteRequest, Network, NetworkRequest, ParsedOptions, SentPool } from './network.ts';
import { decideFamilies, parseOptions } from './network-options.ts';
import { isReservedName } from './predefined-names.ts';
import { firstSwarmVni, type SwarmContext } from './swarm-networks.ts';
import type { Change, View } from './tables.ts';

export interface NetworkContext {
  readonly generate: Generators;
  /** Address pools for networks without a requested subnet, IPv4 and IPv6. */
  readonly pools: readonly PoolSource[];
  /** Destinations that the host routes: never chosen. */
  readonly routed: readonly string[];
  /** Default options of networks, by driver. */
  readonly defaultOptions: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly facts: Facts;
  /** Pools that an external IPAM driver has given. */
  readonly given?: readonly Pool[];
  /** Families for which the network's driver wants no gateway address. */
  readonly withoutGateway?: readonly Family[];
  /** Of a network of a swarm. */
  readonly swarm?: SwarmContext;
  /** Whether the host has a link of that name. */
  hasLink(name: string): boolean;
}

/** A new network, all choices made. Throws in Docker's words. */
export function createNetwork(view: View, asked: NetworkRequest, context: NetworkContext): Network {
  const request = completeRequest(view, asked, context);
  if (request.configOnly) return record(request, { context, pools: askedPools(request), link: '' });
  const driver = view.drivers.find(request.driver);
  const id = context.generate.id();
  const chosen = driver.needsAddresses ? choosePools(view, { request, driver }, context) : [];
  const { hostAccess } = driver;
  const pools = hostAccess?.wanted(request.parsed.driver)
    ? reserveHostAddress(chosen, { addressName: hostAccess.addressName, network: request.name })
    : chosen;
  const made = record(request, { context, id, pools, link: driver.linkName(id, request.parsed.driver) });
  const overlay = driver.chooseOverlay?.(request, requestContext(view, context));
  if (!overlay) return made;
  if (!context.swarm) return { ...made, scope: driver.scope, overlay };
  const options = { ...driver.chosenOptions?.(overlay), ...made.options };
  return { ...made, scope: 'swarm', overlay, options };
}

/** Checks a request and completes it from options and settings, except for addresses. */
export function completeRequest(view: View, asked: NetworkRequest, context: NetworkContext): CompleteRequest {
  checkName(view, asked.name);
  const request = inherit(view, asked);
  if (request.configOnly) return { ...decideFamilies(request), parsed: unread };
  const driver = view.drivers.find(request.driver);
  if (driver.singleInstance) throw fail('NETWORK_SINGLE_INSTANCE', request.driver);
  const given = { ...request, options: { ...context.defaultOptions[request.driver], ...request.options } };
  // a configuration has decided already
  const decided = request.configFrom === '' ? decideFamilies(given) : given;
  const complete = { ...decided, parsed: parseOptions(driver, decided.options) };
  driver.validate(complete, requestContext(view, context));
  return complete;
}

const requestContext = (view: View, context: NetworkContext): RequestContext => ({
  networks: view.all('networks'),
  nodes: context.swarm?.nodes ?? view.all('nodes'),
  ...(context.swarm && { firstVni: firstSwarmVni }),
  facts: context.facts,
  hasLink: (name) => context.hasLink(name),
});

/** The options of a configuration are read by the driver of the network that takes them. */
const unread: ParsedOptions = parseOptions({ parse: () => undefined }, {});

/** Puts a network on record that was chosen before its driver was asked. Throws NETWORK_EXISTS if its name is taken. */
export function confirmNetwork(view: View, network: Network): readonly Change[] {
  if (view.networkByName(network.name)) throw fail('NETWORK_EXISTS', network.name);
  return [{ table: 'networks', put: network }];
}

/** Throws if the network is predefined or has endpoints. */
export function removeNetwork(view: View, network: Network): readonly Change[] {
  if (network.predefined) throw fail('NETWORK_PREDEFINED', network.name);
  const endpoints = [...view.endpointsOfNetwork(network.id), ...view.peersOfNetwork(network.id)];
  if (endpoints.length > 0) {
    const names = endpoints.map(({ name, id }) => `name:"${name}" id:"${id.slice(0, 12)}"`).join(', ');
    throw fail('NETWORK_IN_USE', network.name, network.id, names);
  }
  if (network.configOnly) {
    const used = Array.from(view.all('networks')).some(({ configFrom }) => configFrom === network.name);
    if (used) throw fail('NETWORK_CONFIG_IN_USE', network.name);
  }
  return [{ table: 'networks', remove: network.id }];
}

/** Throws in Docker's words. */
export function checkName(view: View, name: string): void {
  if (name.trim() === '' || /\s/.test(name))
    throw fail(
      'NETWORK_NAME_INVALID',
      `invalid network name: ${JSON.stringify(name)}: it must not be empty or have blanks`,
    );
  if (isReservedName(name)) throw fail('NETWORK_NAME_PREDEFINED', name);
  if (view.networkByName(name)) throw fail('NETWORK_EXISTS', name);
}

/**
 * With `--config-from`, what a driver or the address allocation reads comes from a config-only network; what
 * an operator decides (internal, attachable) is the network's own, as Docker has it.
 */
function inherit(view: View, request: NetworkRequest): NetworkRequest {
  if (request.configOnly) refuseOperatorFields(request);
  if (request.configFrom === '') return request;
  const source = view.networkByName(request.configFrom) ?? view.get('networks', request.configFrom);
  if (!source?.configOnly) throw fail('NETWORK_CONFIG_NOT_FOUND', request.configFrom);
  if (Object.keys(request.options).length > 0)
    throw fail(
      'NETWORK_CONFLICT',
      'network driver options are not supported if the network depends on a configuration network',
    );
  if (hasConfiguration(request))
    throw fail(
      'NETWORK_CONFLICT',
      'user specified configurations are not supported if the network depends on a configuration network',
    );
  return {
    ...request,
    configFrom: source.name,
    options: source.options,
    enableIPv4: source.enableIPv4,
    enableIPv6: source.enableIPv6,
    labels: source.labels,
    ipam: { driver: source.ipam.driver, options: source.ipam.options, pools: source.ipam.pools },
  };
}

function refuseOperatorFields({ internal, attachable, ingress, configFrom }: NetworkRequest): void {
  if (configFrom !== '')
    throw fail('NETWORK_CONFLICT', 'a configuration network cannot depend on another configuration network');
  if (internal || attachable || ingress)
    throw fail(
      'NETWORK_CONFLICT',
      'configuration network can only contain network specific fields. Network operator fields like [ ingress | internal | attachable | scope ] are not supported.',
    );
}

const hasConfiguration = ({ ipam, labels, enableIPv6 }: NetworkRequest): boolean =>
  ipam.pools.length > 0 ||
  [labels, ipam.options ?? {}].some((map) => Object.keys(map).length > 0) ||
  enableIPv6 === true ||
  !['', 'default'].includes(ipam.driver);

/** The pools of a config-only network, which keeps the request and chooses nothing. */
const askedPools = (request: NetworkRequest): readonly Pool[] =>
  request.ipam.pools.map((pool) => ({ ...pool, subnet: pool.subnet ?? '' }));

/** The requested pools in the user's notation, without those that leave the subnet to the engine. */
const sentPools = ({ ipam }: NetworkRequest): readonly SentPool[] =>
  ipam.pools.flatMap(({ subnet, ...more }) =>
    subnet && askedPrefix(subnet) === undefined ? [{ subnet, ...more }] : [],
  );

/** The requested pools, and one for each other enabled family. */
function choosePools(
  view: View,
  { request, driver }: { readonly request: CompleteRequest; readonly driver: Driver },
  context: NetworkContext,
): readonly Pool[] {
  const families = networkFamilies(request);
  const routed = [...context.routed, ...(driver.scope === 'global' ? routedByHosts(view) : [])];
  const from = { ...context, routed, pools: poolSources(driver, context) };
  if (!leasesHere(request)) return givenPools(view, { request, driver }, context);
  const asked = request.ipam.pools
    // as with Docker, a subnet of a family that is not enabled is shown and not used
    .filter(({ subnet }) => !subnet || families.includes(familyOf(subnet)))
    .map((pool): PoolSpec => ({ ...pool, ...subnetOf(view, { pool, request }, from) }));
  return families.flatMap((family) => {
    const mine = asked.filter(({ subnet }) => familyOf(subnet) === family);
    const wanted = mine.length > 0 ? mine : [freshSubnet(view, { family, context: from })];
    const gateway = driver.wantsGateway(request, family) && !context.withoutGateway?.includes(family);
    return validatePools(wanted, [view.leases.subnets[family]], { gateway });
  });
}

/** A swarm names all of its IPv4 pools. */
function poolSources(driver: Driver, { swarm, pools }: NetworkContext): readonly PoolSource[] {
  if (!swarm) return [...(driver.pools ?? []), ...pools];
  return [...swarm.pools, ...pools.filter(({ base }) => familyOf(base) === 6)];
}

/** Enabled families of a network. Throws POOL_INVALID if there are none. */
export function networkFamilies({ enableIPv4, enableIPv6 }: NetworkRequest): readonly Family[] {
  const families: Family[] = enableIPv4 === false ? [] : [4];
  if (enableIPv6) families.push(6);
  if (families.length === 0) throw fail('POOL_INVALID', 'IPv4 or IPv6 must be enabled');
  return families;
}

/** From another program. The host routes to networks of drivers that forward: two of them cannot have one subnet. */
function givenPools(
  view: View,
  { request, driver }: { readonly request: NetworkRequest; readonly driver: Driver },
  context: NetworkContext,
): readonly Pool[] {
  const pools = context.given;
  if (!pools) throw fail('PLUGIN_NOT_FOUND', request.ipam.driver);
  if (driver.forwarding)
    for (const { subnet } of pools) {
      const block = parseCidr(subnet);
      if (block.prefix === 0) throw fail('POOL_INVALID', `ipv${familyOf(subnet)} pool is empty`);
      const others = [...view.leases.elsewhere.values()].flat().map(parseCidr);
      if (view.leases.subnets[familyOf(subnet)].overlaps(block) || others.some((one) => overlaps(one, block)))
        throw fail('POOL_OVERLAPS');
    }
  return pools;
}

function subnetOf(
  view: View,
  {
    pool,
    request,
  }: { readonly pool: NetworkRequest['ipam']['pools'][number]; readonly request: NetworkRequest },
  context: NetworkContext,
): Pick<Pool, 'subnet' | 'chosen'> {
  const { subnet } = pool;
  if (subnet) {
    const prefix = askedPrefix(subnet);
    return prefix === undefined
      ? { subnet }
      : freshSubnet(view, { family: familyOf(subnet), prefix, context });
  }
  const hint = pool.gateway || pool.ipRange;
  if (hint) throw fail('POOL_INVALID', 'every ip-range or gateway must have a corresponding subnet');
  return freshSubnet(view, { family: networkFamilies(request)[0] ?? 4, context });
}

const freshSubnet = (
  view: View,
  { family, prefix, context }: { family: Family; prefix?: number; context: NetworkContext },
): Pick<Pool, 'subnet' | 'chosen'> => ({
  chosen: true,
  subnet: choosePool({
    version: family,
    pools: context.pools,
    taken: view.leases.subnets[family],
    routed: [...context.routed, ...[...view.leases.elsewhere.values()].flat()],
    ...(prefix === undefined ? {} : { prefix }),
  }),
});

interface Choices {
  readonly context: NetworkContext;
  readonly id?: string;
  readonly pools: readonly Pool[];
  readonly link: string;
}

function record(request: CompleteRequest, { context, id, pools, link }: Choices): Network {
  return {
    id: id ?? context.generate.id(),
    name: request.name,
    created: context.generate.now(),
    driver: request.configOnly ? 'null' : request.driver,
    scope: 'local',
    internal: request.internal,
    attachable: request.attachable,
    ingress: request.ingress,
    enableIPv4: request.enableIPv4 ?? true,
    enableIPv6: request.enableIPv6 ?? false,
    configOnly: request.configOnly,
    configFrom: request.configFrom,
    options: request.options,
    parsed: request.parsed,
    labels: request.labels,
    ipam: {
      driver: request.ipam.driver || 'default',
      options: request.ipam.options,
      pools,
      ...(request.configOnly ? {} : { sent: sentPools(request) }),
    },
    link,
    predefined: false,
  };
}
