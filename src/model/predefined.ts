/** The networks that are there from the start: `bridge` (by the engine's settings), `host` and `none`. */
import type { BridgeConfig } from '../config/config.ts';
import { defaultBridgeName, defaultBridgeOptions } from '../drivers/bridge/default-bridge.ts';
import { contains, formatCidr, network as networkOf, parseAddress, parseCidr } from '../ipam/address.ts';
import { choosePool } from '../ipam/choose-pool.ts';
import { validatePools } from '../ipam/validate-pools.ts';
import { bare } from './leases.ts';
import type { Family, Network, Pool } from './network.ts';
import type { NetworkContext } from './networks.ts';
import type { Change, View } from './tables.ts';

/** Changes that make the predefined networks as the settings want them; none when they are so already. */
export function predefinedNetworks(
  view: View,
  { config, context }: { readonly config: BridgeConfig; readonly context: NetworkContext },
): readonly Change[] {
  return [
    ...single(view, { name: 'host', driver: 'host', context }),
    ...single(view, { name: 'none', driver: 'null', context }),
    ...defaultBridge(view, { config, context }),
  ];
}

function single(
  view: View,
  {
    name,
    driver,
    context,
  }: { readonly name: string; readonly driver: string; readonly context: NetworkContext },
): Change[] {
  if (view.networkByName(name)) return [];
  return [{ table: 'networks', put: blank({ name, driver, context }) }];
}

const blank = ({
  name,
  driver,
  context,
}: {
  name: string;
  driver: string;
  context: NetworkContext;
}): Network => ({
  id: context.dice.id(),
  name,
  created: context.dice.now(),
  driver,
  scope: 'local',
  internal: false,
  attachable: false,
  ingress: false,
  enableIPv4: true,
  enableIPv6: false,
  configOnly: false,
  configFrom: '',
  options: {},
  labels: {},
  ipam: { driver: 'default', options: {}, pools: [] },
  link: '',
  predefined: true,
});

/** It keeps its id and, where none is configured, the subnet that it was given at first. */
function defaultBridge(
  view: View,
  { config, context }: { readonly config: BridgeConfig; readonly context: NetworkContext },
): Change[] {
  const before = view.networkByName('bridge');
  if (config.name === 'none') return before ? [{ table: 'networks', remove: before.id }] : [];
  const base = before ?? blank({ name: 'bridge', driver: 'bridge', context });
  const pools = [poolOf(view, { before, config, context, family: 4 })];
  if (config.ipv6) pools.push(poolOf(view, { before, config, context, family: 6 }));
  const wanted: Network = {
    ...base,
    enableIPv6: config.ipv6,
    options: defaultBridgeOptions(config, context.facts),
    ipam: { ...base.ipam, pools },
    link: config.name || defaultBridgeName,
  };
  return JSON.stringify(wanted) === JSON.stringify(before) ? [] : [{ table: 'networks', put: wanted }];
}

interface Wish {
  readonly before: Network | undefined;
  readonly config: BridgeConfig;
  readonly context: NetworkContext;
  readonly family: Family;
}

function poolOf(view: View, wish: Wish): Pool {
  const { config, family } = wish;
  const address = family === 4 ? config.bip : config.bip6;
  const fixed = family === 4 ? config.fixedCidr : config.fixedCidrV6;
  const defaultGateway = family === 4 ? config.defaultGateway : config.defaultGatewayV6;
  const subnet = address ? formatCidr(networkOf(parseCidr(address))) : subnetOf(view, wish, fixed);
  const others = Array.from(view.all('networks'))
    .filter(({ id }) => id !== wish.before?.id)
    .flatMap(({ ipam }) => ipam.pools.map((pool) => pool.subnet));
  // only a range that lies within the subnet narrows it; dockerd takes a lone fixed-cidr for the subnet
  const range = fixed && fixed !== subnet ? { ipRange: fixed } : {};
  const asked = { subnet, ...(address ? { gateway: bare(address) } : {}), ...range };
  const [pool] = validatePools([asked], others);
  const complete = pool ?? { ...asked, auxAddresses: {} };
  if (!defaultGateway) return complete;
  return { ...complete, auxAddresses: { [`DefaultGatewayIPv${family}`]: defaultGateway } };
}

function subnetOf(view: View, { before, context, family }: Wish, fixed: string): string {
  const known = before?.ipam.pools.find(({ subnet }) => subnet.includes(':') === (family === 6))?.subnet;
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
