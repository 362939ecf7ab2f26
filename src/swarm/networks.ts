/** Networks of a swarm: those that it begins with, and their removal. They are made as all networks are, by `../model/networks.ts`. */

import { fail } from '../errors.ts';
import { choosePool } from '../ipam/choose-pool.ts';
import { blankNetwork } from '../model/blank.ts';
import type { Network } from '../model/network.ts';
import { parseOptions } from '../model/network-options.ts';
import { defaultNetwork, hostNetwork } from '../model/predefined-names.ts';
import { firstSwarmVni } from '../model/swarm-networks.ts';
import { formatAddress, parseCidr } from '../net/address.ts';
import type { SwarmContext } from './context.ts';
import { networksOf } from './defaults.ts';
import type { SwarmNetwork, SwarmTransition, SwarmView } from './records.ts';
import { needsIngress } from './service-links.ts';
import { isOver, isWanted } from './task-state.ts';
import { newMeta } from './versions.ts';

const predefinedLabel = 'com.docker.swarm.predefined';

export interface FirstNetworks {
  /** CIDR; empty: 10.0.0.0/8. */
  readonly addressPools: readonly string[];
  readonly subnetSize: number;
  /** What the data path of the first node carries. */
  readonly mtu: number;
}

/** Each node reads the options by its own driver. */
const unread = parseOptions({ parse: () => undefined }, {});

/** What `swarm init` makes: `ingress`, and `bridge` and `host` of each node, which services can name. */
export function firstNetworks(settings: FirstNetworks, context: SwarmContext): readonly SwarmNetwork[] {
  return [
    ingress(settings, context),
    nodeLocal(defaultNetwork, { driver: 'bridge', context }),
    nodeLocal(hostNetwork, { driver: 'host', context }),
  ];
}

function ingress({ addressPools, subnetSize, mtu }: FirstNetworks, context: SwarmContext): SwarmNetwork {
  const bases = addressPools.length > 0 ? addressPools : ['10.0.0.0/8'];
  const pools = bases.map((base) => ({ base, size: subnetSize }));
  const subnet = choosePool({ version: 4, pools, taken: [], routed: [] });
  const block = parseCidr(subnet);
  const gateway = formatAddress({ version: 4, value: block.value + 1n });
  return swarmNetwork(context, {
    ...blankNetwork,
    name: 'ingress',
    driver: 'overlay',
    ingress: true,
    parsed: unread,
    ipam: { driver: 'default', options: {}, pools: [{ subnet, gateway, chosen: true, auxAddresses: {} }] },
    overlay: { vnis: [firstSwarmVni], mtu, encrypted: false },
  });
}

const nodeLocal = (
  name: string,
  { driver, context }: { readonly driver: string; readonly context: SwarmContext },
): SwarmNetwork =>
  swarmNetwork(context, {
    ...blankNetwork,
    name,
    driver,
    labels: { [predefinedLabel]: 'true' },
    parsed: unread,
  });

function swarmNetwork(
  context: SwarmContext,
  network: Omit<Network, 'id' | 'created' | 'scope'>,
): SwarmNetwork {
  const meta = newMeta(context);
  return { ...meta, network: { ...network, id: meta.id, created: meta.createdAt, scope: 'swarm' } };
}

/** `bridge` or `host` of each node: no address is given on it. */
export const isNodeLocal = ({ network }: SwarmNetwork): boolean => network.labels[predefinedLabel] === 'true';

/** Throws in Docker's words while something uses it. */
export const removeSwarmNetwork =
  (id: string): SwarmTransition<SwarmNetwork> =>
  (view) => {
    const found = view.get('networks', id);
    if (!found) throw fail('SWARM_OBJECT_NOT_FOUND', 'network', id);
    if (isNodeLocal(found))
      throw fail(
        'SWARM_PRECONDITION',
        `network ${id} (${found.network.name}) is a swarm predefined network and cannot be removed`,
      );
    if (found.network.ingress) refuseIngressInUse(view);
    else refuseInUse(view, id);
    return { changes: [{ table: 'networks', remove: id }], result: found };
  };

function refuseIngressInUse(view: SwarmView): void {
  for (const { id, spec } of view.all('services'))
    if (needsIngress(spec))
      throw fail(
        'SWARM_PRECONDITION',
        `ingress network cannot be removed because service ${id} depends on it`,
      );
}

function refuseInUse(view: SwarmView, networkId: string): void {
  for (const { id, spec } of view.all('services'))
    if (networksOf(spec).some(({ Target }) => Target === networkId))
      throw fail('SWARM_PRECONDITION', `network ${networkId} is in use by service ${id}`);
  for (const task of view.tasksOfNetwork(networkId))
    if (isWanted(task) && !isOver(task))
      throw fail('SWARM_PRECONDITION', `network ${networkId} is in use by task ${task.id}`);
}
