/** The picture with indexes, and what things are called. */
import type { MapContainer, MapEndpoint, MapNetwork, MapTrouble, NetworkMap } from '#client/map-answers.ts';

/** Something that can be chosen. */
export interface Choice {
  readonly kind: 'network' | 'container' | 'endpoint' | 'service' | 'host' | 'node';
  /** '' for this host. */
  readonly id: string;
}

export const isSame = (one: Choice | undefined, other: Choice | undefined): boolean =>
  one?.kind === other?.kind && one?.id === other?.id;

export interface Picture extends NetworkMap {
  readonly networkById: ReadonlyMap<string, MapNetwork>;
  readonly containerById: ReadonlyMap<string, MapContainer>;
  readonly endpointsOf: ReadonlyMap<string, readonly MapEndpoint[]>;
  /** By the id of network, container or node. */
  readonly troublesOf: ReadonlyMap<string, readonly MapTrouble[]>;
}

export function pictureOf(map: NetworkMap): Picture {
  return {
    ...map,
    networkById: new Map(map.Networks.map((network) => [network.Id, network])),
    containerById: new Map(map.Containers.map((container) => [container.Id, container])),
    endpointsOf: grouped(map.Endpoints, ({ Container }) => Container),
    troublesOf: grouped(map.Troubles, ({ Id }) => Id),
  };
}

export function grouped<T>(all: readonly T[], keyOf: (one: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const group = groups.get(keyOf(one));
    if (group) group.push(one);
    else groups.set(keyOf(one), [one]);
  }
  return groups;
}

export const isUp = ({ State }: MapContainer): boolean => State === 'running' || State === 'paused';

/** How a container is: a word for its mark. */
export function conditionOf({ State, Health }: MapContainer): 'good' | 'waiting' | 'bad' | 'off' {
  if (State === 'restarting' || State === 'dead') return 'bad';
  if (State === 'paused' || State === 'removing') return 'waiting';
  if (State !== 'running') return 'off';
  return Health === 'unhealthy' ? 'bad' : Health === 'starting' ? 'waiting' : 'good';
}

/** `running, healthy` */
export const conditionText = (container: MapContainer): string =>
  container.Health === '' || !isUp(container) ? container.State : `${container.State}, ${container.Health}`;

/** `:8080`, `:8080 +2`, or ''. */
export function portsText({ Ports }: MapContainer): string {
  const hosts = Ports.flatMap(({ Host, State }) => (State.startsWith('published') ? [Host] : []));
  const numbers = [...new Set(hosts.map((host) => host.slice(host.lastIndexOf(':') + 1)))];
  const [first = ''] = numbers;
  if (first === '') return '';
  return numbers.length > 1 ? `:${first} +${numbers.length - 1}` : `:${first}`;
}

/** The name by which it is explained, or undefined where it can be no end. */
export function endOf(picture: Picture, { kind, id }: Choice): string | undefined {
  if (kind === 'host') return 'host';
  if (kind === 'container') return picture.containerById.get(id)?.Name;
  if (kind === 'service') return picture.Services.find(({ Id }) => Id === id)?.Name;
  if (kind === 'endpoint') {
    const [address] = picture.Endpoints.find(({ Id }) => Id === id)?.Addresses ?? [];
    return address?.split('/')[0];
  }
  return undefined;
}

export function nameOf(picture: Picture, { kind, id }: Choice): string {
  if (kind === 'network') return picture.networkById.get(id)?.Name ?? id;
  if (kind === 'container') return picture.containerById.get(id)?.Name ?? id;
  if (kind === 'service') return picture.Services.find(({ Id }) => Id === id)?.Name ?? id;
  if (kind === 'endpoint') return picture.Endpoints.find(({ Id }) => Id === id)?.Name ?? id;
  if (kind === 'node') return picture.Hosts.find(({ Id }) => Id === id)?.Name ?? id;
  return picture.Host.Name;
}

/** Whether it is there (still). */
export function isThere(picture: Picture, { kind, id }: Choice): boolean {
  if (kind === 'network') return picture.networkById.has(id);
  if (kind === 'container') return picture.containerById.has(id);
  if (kind === 'service') return picture.Services.some(({ Id }) => Id === id);
  if (kind === 'endpoint') return picture.Endpoints.some(({ Id }) => Id === id);
  return kind === 'host' || picture.Hosts.some(({ Id }) => Id === id);
}
