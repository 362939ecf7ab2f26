/** From what a manager has given this node to changes of its records. Pure. */
import { isDeepStrictEqual } from 'node:util';
import type { Network } from '../../../model/network.ts';
import { parseAccepted } from '../../../model/network-options.ts';
import type { Node } from '../../../model/node.ts';
import { type Change, keyOf, type TableName, type Tables, type View } from '../../../model/tables.ts';
import type { VirtualService } from '../../../model/virtual-service.ts';
import type { Assignments } from '../../../swarm/assignments.ts';

export type Given = Pick<Assignments, 'networks' | 'peers' | 'nodes' | 'services' | 'meshPorts'>;

export interface Arriving {
  /** This node, as it knows itself. */
  readonly here: Node;
  readonly given: Given;
  /** On a manager: the swarm's networks, of which it shows all. */
  readonly all?: Iterable<Network>;
}

/** Removals first, in the order of what refers to what; then puts in the opposite order. */
export function arrivals(view: View, { here, given, all = [] }: Arriving): readonly Change[] {
  const networks = unique(
    [...all, ...given.networks].filter(isOfSwarm).map((one) => acceptedNetwork(view, one)),
  );
  const isNetwork = new Set(networks.map(({ id }) => id));
  const known = given.nodes.find(({ id }) => id === here.id);
  const nodes = [
    {
      ...here,
      ...(known?.number !== undefined && { number: known.number }),
      ...(known?.dataPort !== undefined && { dataPort: known.dataPort }),
    },
    ...given.nodes.filter(({ id }) => id !== here.id),
  ];
  const isNode = new Set(nodes.map(({ id }) => id));
  const peers = given.peers.filter(
    ({ id, networkId, nodeId }) =>
      isNetwork.has(networkId) && isNode.has(nodeId) && nodeId !== here.id && !view.get('endpoints', id),
  );
  return changesTo(view, {
    ...{ networks, nodes, peers, meshPorts: given.meshPorts },
    services: given.services
      .filter(({ networkId }) => isNetwork.has(networkId))
      .map((one) => (isNamed(view, one) ? { ...one, named: true as const } : one)),
  });
}

/** Its names were answered before, and lead where they did. */
function isNamed(view: View, { id, addresses }: VirtualService): boolean {
  const known = view.get('services', id);
  return known?.named === true && isDeepStrictEqual(known.addresses, addresses);
}

/** Names of services are answered from now on: the rules that lead to them are in. */
export const naming = (view: View): readonly Change[] =>
  Array.from(view.all('services')).flatMap((one) =>
    one.named ? [] : [{ table: 'services', put: { ...one, named: true } } as const],
  );

function changesTo(view: View, wanted: Given): readonly Change[] {
  const differences = [
    difference(view, 'networks', wanted.networks),
    difference(view, 'nodes', wanted.nodes),
    difference(view, 'peers', wanted.peers),
    difference(view, 'services', wanted.services),
    difference(view, 'meshPorts', wanted.meshPorts),
  ];
  return [
    ...differences.toReversed().flatMap(({ removals }) => removals),
    ...differences.flatMap(({ puts }) => puts),
  ];
}

/** What a node that has left its swarm forgets. Networks with endpoints stay until those are gone. */
export const departures = (view: View): readonly Change[] =>
  changesTo(view, { networks: [], peers: [], nodes: [], services: [], meshPorts: [] });

const isOfSwarm = ({ scope, overlay }: Network): boolean => scope === 'swarm' && overlay !== undefined;

/** Options that this host cannot read are ignored. */
export const acceptedNetwork = ({ drivers }: View, network: Network): Network => ({
  ...network,
  parsed: parseAccepted(drivers.find(network.driver), network.options),
});

const unique = (networks: readonly Network[]): readonly Network[] => [
  ...new Map(networks.map((network) => [network.id, network])).values(),
];

function difference<T extends keyof Given>(
  view: View,
  table: T,
  wanted: readonly Tables[T][],
): { readonly removals: readonly Change[]; readonly puts: readonly Change[] } {
  const keys = new Set(wanted.map((record) => keyOf(table, record)));
  const gone = Array.from(view.all(table)).flatMap((record) => {
    const key = keyOf(table, record);
    return keys.has(key) || stays(view, table, record) ? [] : [{ table, remove: key } as Change];
  });
  const puts = wanted.flatMap((put) =>
    isSame(view.get(table, keyOf(table, put)), put) ? [] : [{ table, put } as Change],
  );
  return { removals: gone, puts };
}

/** Networks of other scopes are none of the swarm's, and one with endpoints here goes after them. */
function stays<T extends TableName>(view: View, table: T, record: Tables[T]): boolean {
  if (table !== 'networks') return false;
  const { id, scope } = record as Network;
  return scope !== 'swarm' || view.endpointsOfNetwork(id).length > 0;
}

/** Equal as JSON, in any order of fields. */
function isSame(before: object | undefined, after: object): boolean {
  if (before === undefined) return false;
  return isDeepStrictEqual(before, after) || isDeepStrictEqual(plain(before), plain(after));
}

const plain = (record: object): unknown => JSON.parse(JSON.stringify(record));
