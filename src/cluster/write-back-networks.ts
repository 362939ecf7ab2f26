/**
 * The part of `write-back.ts` about networks: those that the store lacks, and those that give way to older ones. Pure.
 */
import type { Network } from '../model/network.ts';
import type { View } from '../model/tables.ts';
import { readNetworkValue, readOwner, writeOwner } from './formats.ts';
import { keys } from './keys.ts';
import type { StoredNetwork } from './network-format.ts';
import { type Building, begun, type Operations, putNetwork, type Standpoint } from './operations.ts';
import { type Defeat, defeats, sharedBy } from './rivals.ts';

/** Of `write-back.ts`. */
export interface WriteBackContext extends Standpoint {
  readonly view: View;
  /** The store was wiped or restored: the older of two claims wins. Otherwise the claim in the store wins. */
  readonly contested: boolean;
  /** Hosts are still writing back: a claim that the store has may be one of a host that does not have it any more. */
  readonly frozen: boolean;
  /** Endpoints whose own transaction has not ended: it may still fail. */
  readonly pending: ReadonlyMap<string, unknown>;
  /** Removed endpoints whose addresses the kernel may still have. */
  readonly leaving: { has(endpointId: string): boolean };
  /** Networks whose creation failed here although the store may have them. */
  readonly doubtful: ReadonlySet<string>;
}

export interface NetworksBack {
  readonly operations: readonly Operations[];
  /** Why endpoints of these networks must go, by id of the network. */
  readonly lost: ReadonlyMap<string, string>;
  /** Networks that the operations remove. */
  readonly defeated: readonly Defeat[];
}

export function planNetworks(context: WriteBackContext): NetworksBack {
  const { view, mirror, doubtful } = context;
  const shared = Array.from(view.all('networks')).filter(({ scope }) => scope === 'global');
  const there = shared.filter(({ id }) => mirror.get(keys.network(id)) !== undefined);
  const named = context.contested ? namedByContainers(view) : new Set<string>();
  const isUsed = ({ id, name }: Network): boolean =>
    !doubtful.has(id) && (view.endpointsOfNetwork(id).length > 0 || named.has(id) || named.has(name));
  const missing = shared.filter((network) => isUsed(network) && !there.includes(network));
  const lost = defeated({ there, missing }, context);
  const staying = (network: Network): boolean => !lost.has(network.id);
  const unused = [...lost.values()].filter(({ network: { id } }) => !context.frozen && isUnused(id, context));
  const buildings = [
    ...missing.filter(staying).map((network) => missingNetwork(network, context)),
    ...there.filter((network) => isUsed(network) && staying(network)).map((one) => ownKeys(one, context)),
    ...unused.map(({ network }) => withoutNetwork(network.id, context)),
    ...[...doubtful].map((id) => (isUnused(id, context) ? withoutNetwork(id, context) : undefined)),
  ];
  return {
    operations: buildings.flatMap((building) => building?.operations() ?? []),
    lost: new Map(Array.from(lost, ([id, defeat]) => [id, reason(defeat)])),
    defeated: unused,
  };
}

/** Networks that this host's containers are to be on, also those that do not run, by name or id as they were given. */
const namedByContainers = (view: View): ReadonlySet<string> =>
  new Set(
    Array.from(view.all('containers')).flatMap(({ networks }) => networks.map(({ network }) => network)),
  );

const reason = ({ network, to, shared }: Defeat): string =>
  `network ${network.name} gives way to network ${to.name} (${to.id.slice(0, 12)}), which has ${shared} too`;

interface Networks {
  readonly there: readonly Network[];
  readonly missing: readonly Network[];
}

/** In a store that was wiped or restored the older network stays, otherwise one that the store has. */
function defeated({ there, missing }: Networks, context: WriteBackContext): ReadonlyMap<string, Defeat> {
  const marked = (network: Network) => ({ ...network, used: !isUnused(network.id, context) });
  if (context.contested) return defeats([...there, ...missing].map(marked));
  const lost = new Map(defeats(there.map(marked)));
  for (const network of missing) {
    const to = there.find((other) => sharedBy(network, other) !== undefined);
    if (to) lost.set(network.id, { network, to, shared: sharedBy(network, to) ?? '' });
  }
  return lost;
}

function missingNetwork(network: Network, { mirror }: WriteBackContext): Building {
  const building = begun(mirror);
  putNetwork(building, network);
  for (const key of ownedBy(network)) if (mirror.get(key)) building.asKnown(mirror, key);
  return building;
}

/** What is the network's alone, if another one has it by now. */
function ownKeys(network: Network, { mirror }: WriteBackContext): Building | undefined {
  const others = ownedBy(network).filter((key) => mirror.read(key, readOwner) !== network.id);
  if (others.length === 0) return undefined;
  const building = begun(mirror);
  building.asKnown(mirror, keys.network(network.id));
  for (const key of others) {
    building.asKnown(mirror, key);
    building.write(key, writeOwner(network.id));
  }
  return building;
}

const ownedBy = ({ name, overlay }: Pick<StoredNetwork, 'name' | 'overlay'>): readonly string[] => [
  keys.name(name),
  ...(overlay?.vnis ?? []).map(keys.vni),
];

const isUnused = (id: string, { mirror, view }: WriteBackContext): boolean =>
  Array.from(mirror.in(keys.endpointsOf(id))).length + view.endpointsOfNetwork(id).length === 0;

function withoutNetwork(id: string, { mirror }: Pick<Standpoint, 'mirror'>): Building | undefined {
  const value = mirror.read(keys.network(id), readNetworkValue);
  if (!value) return undefined;
  const building = begun(mirror);
  dropNetwork(building, value.network, { mirror });
  return building;
}

/** With its name and its VNIs. */
export function dropNetwork(
  building: Building,
  network: StoredNetwork,
  { mirror }: Pick<Standpoint, 'mirror'>,
): void {
  const key = keys.network(network.id);
  building.asKnown(mirror, key);
  building.drop(key);
  for (const owned of ownedBy(network))
    if (mirror.read(owned, readOwner) === network.id) {
      building.asKnown(mirror, owned);
      building.drop(owned);
    }
}
