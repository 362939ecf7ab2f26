/** The predefined networks: `bridge` (by the engine's settings), `host` and `none`. */

import { fail } from '../errors.ts';
import { choosePool } from '../ipam/choose-pool.ts';
import type { Pool } from '../ipam/pool.ts';
import { validatePools } from '../ipam/validate-pools.ts';
import {
  bare,
  contains,
  formatCidr,
  isLinkLocal,
  network as networkOf,
  overlaps,
  parseAddress,
  parseCidr,
} from '../net/address.ts';
import { type Family, familyOf } from '../net/family.ts';
import { blankNetwork } from './blank.ts';
import type { DefaultNetworkSettings, Driver } from './driver.ts';
import type { Network } from './network.ts';
import { parseOptions } from './network-options.ts';
import type { NetworkContext } from './networks.ts';
import { defaultNetwork, hostNetwork, noNetwork } from './predefined-names.ts';
import type { Change, View } from './tables.ts';

/** Settings of the default network (`--bridge`, `--bip`, ...). */
export interface DefaultNetworkConfig extends DefaultNetworkSettings {
  readonly bip: string;
  readonly bip6: string;
  readonly fixedCidr: string;
  readonly fixedCidrV6: string;
  readonly defaultGateway: string;
  readonly defaultGatewayV6: string;
}

interface Settings {
  readonly config: DefaultNetworkConfig;
  readonly context: NetworkContext;
  /** Addresses, with prefix length, that the default bridge has on the host; undefined: there is no such link. */
  readonly bridgeAddresses?: readonly string[] | undefined;
}

/**
 * Changes that bring the predefined networks to the settings; none if they are up to date.
 * Throws CONFIG_INVALID if the bridge of `--bridge` does not exist: the user has to make it.
 */
export function predefinedNetworks(view: View, settings: Settings): readonly Change[] {
  const { context } = settings;
  return [
    ...single(view, { name: hostNetwork, driver: 'host', context }),
    ...single(view, { name: noNetwork, driver: 'null', context }),
    ...defaultBridge(view, settings),
  ];
}

/** The name of the engine's own default bridge. */
export const ownBridgeName = 'docker0';

/** Whether the default bridge is one that the user has made. */
export const isUsersBridge = ({ name }: Pick<DefaultNetworkConfig, 'name'>): boolean =>
  !['', 'none', ownBridgeName].includes(name);

function single(
  view: View,
  {
    name,
    driver,
    context,
  }: { readonly name: string; readonly driver: string; readonly context: NetworkContext },
): Change[] {
  if (view.networkByName(name)) return [];
  return [{ table: 'networks', put: blank({ name, driver: view.drivers.find(driver), context }) }];
}

const blank = ({
  name,
  driver,
  context,
}: {
  name: string;
  driver: Driver;
  context: NetworkContext;
}): Network => ({
  ...blankNetwork,
  id: context.generate.id(),
  name,
  created: context.generate.now(),
  driver: driver.name,
  parsed: parseOptions(driver, {}),
  predefined: true,
});

/** It keeps its id and, where none is configured, the subnet that it was given at first. */
function defaultBridge(view: View, { config, context, bridgeAddresses }: Settings): Change[] {
  const before = view.networkByName(defaultNetwork);
  if (config.name === 'none') return before ? [{ table: 'networks', remove: before.id }] : [];
  if (isUsersBridge(config) && !bridgeAddresses)
    throw fail(
      'CONFIG_INVALID',
      `bridge device with non default name ${config.name} must be created manually`,
    );
  const driver = view.drivers.find(before?.driver ?? 'bridge');
  const base = before ?? blank({ name: defaultNetwork, driver, context });
  const chosen = driver.defaultNetwork?.(config, context.facts);
  const { link = '', options = {} } = chosen ?? {};
  const pool = { before, config, link, context, bridgeAddresses: bridgeAddresses ?? [] };
  const pools = [poolOf(view, { ...pool, family: 4 })];
  if (config.ipv6) pools.push(poolOf(view, { ...pool, family: 6 }));
  const wanted: Network = {
    ...base,
    enableIPv6: config.ipv6,
    options,
    parsed: parseOptions(driver, options),
    ipam: { ...base.ipam, pools },
    link,
  };
  return JSON.stringify(wanted) === JSON.stringify(before) ? [] : [{ table: 'networks', put: wanted }];
}

interface DefaultPool {
  readonly before: Network | undefined;
  readonly config: DefaultNetworkConfig;
  readonly link: string;
  readonly context: NetworkContext;
  readonly family: Family;
  readonly bridgeAddresses: readonly string[];
}

const fe80 = parseCidr('fe80::/64');

/**
 * Whether the link has it because it is a link: the kernel gives one of fe80::/64 to each, other programs one of
 * 169.254.0.0/16 to those that have none. On a bridge of the user's the latter is meant.
 */
const isLinksOwn = (address: string, isUsers: boolean): boolean =>
  familyOf(address) === 6 ? contains(fe80, parseAddress(bare(address))) : !isUsers && isLinkLocal(address);

/** The bridge's address: the configured one, or its present one. */
function addressOf(view: View, { config, family, bridgeAddresses, before }: DefaultPool): string {
  const configured = family === 4 ? config.bip : config.bip6;
  if (configured) return configured;
  const fixed = family === 4 ? config.fixedCidr : config.fixedCidrV6;
  const range = fixed ? parseCidr(fixed) : undefined;
  const found = bridgeAddresses
    .filter((address) => familyOf(address) === family)
    .filter(
      (address) =>
        !isLinksOwn(address, isUsersBridge(config)) ||
        (range && overlaps(networkOf(parseCidr(address)), range)),
    );
  const own = range && found.find((address) => overlaps(networkOf(parseCidr(address)), range));
  if (isUsersBridge(config)) return own ?? found[0] ?? '';
  const left = range ? own : found[0];
  // a leftover bridge may have a subnet that another network has by now
  const isFree = (address: string): boolean =>
    !othersOf(view, before).some((other) => overlaps(parseCidr(other), networkOf(parseCidr(address))));
  return left && isFree(left) ? left : '';
}

/** The subnets of all other networks. */
const othersOf = (view: View, before: Network | undefined): readonly string[] =>
  Array.from(view.all('networks'))
    .filter(({ id, configOnly }) => id !== before?.id && !configOnly)
    .flatMap(({ ipam }) => ipam.pools.map(({ subnet }) => subnet));

function poolOf(view: View, wanted: DefaultPool): Pool {
  const { config, family } = wanted;
  const address = addressOf(view, wanted);
  const fixed = family === 4 ? config.fixedCidr : config.fixedCidrV6;
  const defaultGateway = family === 4 ? config.defaultGateway : config.defaultGatewayV6;
  const subnet = address ? formatCidr(networkOf(parseCidr(address))) : subnetOf(view, wanted, fixed);
  // a range around the subnet narrows nothing; dockerd takes a lone fixed-cidr for the subnet
  const isNarrower = fixed && !contains(parseCidr(fixed), parseCidr(subnet));
  const range = isNarrower ? { ipRange: fixed } : {};
  const asked = { subnet, ...(address ? { gateway: bare(address) } : {}), ...range };
  const [pool] = validatePools([asked], othersOf(view, wanted.before));
  const complete = pool ?? { ...asked, auxAddresses: {} };
  if (!defaultGateway) return complete;
  const name = `DefaultGatewayIPv${family}`;
  if (!contains(parseCidr(complete.subnet), parseAddress(defaultGateway)))
    throw fail(
      'CONFIG_INVALID',
      `auxiliary address: (${name}:${defaultGateway}) must belong to the master pool: ${complete.subnet}`,
    );
  return { ...complete, auxAddresses: { [name]: defaultGateway } };
}

function subnetOf(view: View, { before, link, context, family }: DefaultPool, fixed: string): string {
  // the subnet of a bridge of the user's stays with that bridge
  const same = before?.link === link ? before : undefined;
  const known = same?.ipam.pools.find(({ subnet }) => familyOf(subnet) === family)?.subnet;
  if (fixed && family === 6) return fixed;
  if (known && (!fixed || contains(parseCidr(known), parseAddress(bare(fixed))))) return known;
  if (fixed) return fixed;
  return choosePool({
    version: family,
    pools: context.pools,
    taken: view.leases.subnets[family],
    routed: context.routed,
  });
}
