/** What is on each network, in the order in which it is drawn and listed. */
import type { MapContainer, MapEndpoint, MapNetwork } from '#client/map-answers.ts';
import { type Choice, conditionOf, isUp, type Picture, portsText } from './look-up.ts';

/** A place on a network, with or without an address. */
export interface Member {
  /** Unique in the whole picture. */
  readonly key: string;
  readonly choice: Choice;
  readonly name: string;
  /** '' for none. */
  readonly address: string;
  readonly endpointId: string;
  readonly condition: 'good' | 'waiting' | 'bad' | 'off' | 'far';
  /** Published on the host: `:8080`. */
  readonly ports: string;
  /** In a few words, where it is no container of this host. */
  readonly note: string;
}

export interface Group {
  readonly network: MapNetwork;
  readonly members: readonly Member[];
}

export interface Shown {
  /** Containers that do not run. */
  readonly stopped: boolean;
  /** Part of a name, an address, an image or a port; '' for all. */
  readonly search: string;
}

/** Networks by name, those of the engine itself last; without the ones that are empty and always there. */
export function groupsOf(picture: Picture, shown: Shown): readonly Group[] {
  const order = picture.Networks.toSorted(
    (a, b) => Number(a.Predefined) - Number(b.Predefined) || a.Name.localeCompare(b.Name, 'en'),
  );
  return order.flatMap((network) => {
    const members = membersOf(picture, network, shown);
    const isWanted =
      members.length > 0 ||
      (shown.search === ''
        ? !network.Predefined || network.Driver === 'bridge'
        : matches(shown.search, [network.Name]));
    return isWanted ? [{ network, members }] : [];
  });
}

function membersOf(picture: Picture, network: MapNetwork, shown: Shown): readonly Member[] {
  const endpoints = picture.Endpoints.filter(({ Network }) => Network === network.Id);
  const byContainer = new Map(endpoints.map((endpoint) => [endpoint.Container, endpoint]));
  const containers = picture.Containers.flatMap((container): readonly Member[] => {
    const endpoint = byContainer.get(container.Joined || container.Id);
    const isOn = endpoint !== undefined || container.Networks.includes(network.Id);
    if (!isOn || !(shown.stopped || isUp(container) || conditionOf(container) === 'bad')) return [];
    return isFound(container, endpoint, shown.search)
      ? [containerMember(picture, container, { network, endpoint })]
      : [];
  });
  const others = endpoints.flatMap((endpoint) =>
    endpoint.Kind === 'container' || !matches(shown.search, [endpoint.Name, ...endpoint.Addresses])
      ? []
      : [otherMember(picture, endpoint)],
  );
  const services = picture.Services.filter(
    ({ Network, Name, Addresses }) =>
      Network === network.Id && Addresses.length > 0 && matches(shown.search, [Name, ...Addresses]),
  ).map(
    ({ Id, Name, Addresses, Tasks, Open }): Member => ({
      ...{
        key: Id,
        choice: { kind: 'service', id: Id },
        name: Name,
        address: bare(Addresses),
        endpointId: '',
      },
      ...{ condition: Open > 0 ? 'good' : 'bad', ports: '', note: `service, ${Open} of ${Tasks} tasks` },
    }),
  );
  return [...services, ...[...containers, ...others].toSorted((a, b) => compare(a.name, b.name))];
}

/** `web2` before `web10`. */
const { compare } = new Intl.Collator('en', { numeric: true });

const bare = ([address = '']: readonly string[] = []): string => address.split('/')[0] ?? '';

function containerMember(
  picture: Picture,
  container: MapContainer,
  { network, endpoint }: { network: MapNetwork; endpoint: MapEndpoint | undefined },
): Member {
  const { Id, Name, Joined, State } = container;
  const owner = Joined === '' ? '' : (picture.containerById.get(Joined)?.Name ?? Joined.slice(0, 12));
  return {
    key: `${Id} ${network.Id}`,
    choice: { kind: 'container', id: Id },
    name: Name,
    address: isUp(container) ? bare(endpoint?.Addresses) : '',
    endpointId: Joined === '' ? (endpoint?.Id ?? '') : '',
    condition: conditionOf(container),
    ports: portsText(container),
    note: owner === '' ? (State === 'running' ? '' : State) : `in the namespace of ${owner}`,
  };
}

function otherMember(picture: Picture, { Id, Kind, Name, Addresses, Host }: MapEndpoint): Member {
  const node = picture.Hosts.find((one) => one.Id === Host);
  const isPeer = Kind === 'peer';
  return {
    ...{ key: Id, choice: { kind: 'endpoint', id: Id }, name: Name, address: bare(Addresses) },
    ...{ endpointId: isPeer ? '' : Id, ports: '', condition: isPeer ? 'far' : 'good' },
    note: isPeer ? `on ${node?.Name ?? 'another host'}` : 'a namespace',
  };
}

const matches = (search: string, words: readonly string[]): boolean =>
  search === '' || words.some((word) => word.toLowerCase().includes(search.toLowerCase()));

const isFound = (container: MapContainer, endpoint: MapEndpoint | undefined, search: string): boolean =>
  matches(search, [
    container.Name,
    container.Image,
    container.Id.slice(0, 12),
    portsText(container),
    ...(endpoint?.Addresses ?? []),
    ...(endpoint?.DNSNames ?? []),
  ]);
