/** Pictures of a shop of any size: containers on front and back networks, some in trouble, ports, traffic. */
import type {
  MapContainer,
  MapEndpoint,
  MapNetwork,
  MapTraffic,
  MapTrouble,
  NetworkMap,
} from '../../src/engine/map-verbs.ts';

const idOf = (kind: string, number: number): string =>
  `${kind}${number.toString(16).padStart(6, '0')}`.padEnd(64, '0');

const projects = ['shop', 'blog', 'mail', 'metrics', 'search', 'billing'];
const roles = ['web', 'api', 'worker', 'cache', 'db', 'queue'];

const network = (number: number, more: Partial<MapNetwork> & { name: string }): MapNetwork => ({
  ...{ id: idOf('a', number), driver: 'bridge', scope: 'local', internal: false, predefined: false },
  ...{ ingress: false, encrypted: false, link: `br-${number}` },
  pools: [{ subnet: `172.${18 + number}.0.0/16`, gateway: `172.${18 + number}.0.1` }],
  ...{ options: {}, labels: {} },
  ...more,
});

const predefined: readonly MapNetwork[] = [
  network(90, {
    name: 'bridge',
    predefined: true,
    link: 'docker0',
    pools: [{ subnet: '172.17.0.0/16', gateway: '172.17.0.1' }],
  }),
  network(91, { name: 'host', driver: 'host', predefined: true, link: '', pools: [] }),
  network(92, { name: 'none', driver: 'null', predefined: true, link: '', pools: [] }),
];

const container = (number: number, more: Partial<MapContainer> & { name: string }): MapContainer => ({
  ...{ id: idOf('c', number), image: 'busybox', status: 'running', health: '', exitCode: 0 },
  ...{ startedAt: '2026-11-30T20:00:00Z', mode: 'front', joined: '', networks: [], labels: {} },
  ...{ specs: [], ports: [], isUp: true },
  ...more,
});

const port = (hostPort: number): MapContainer['ports'][number] => ({
  ...{ protocol: 'tcp', hostIP: '0.0.0.0', hostPort, containerPort: 80, address: '172.18.0.2' },
  ...{ endpointId: '', asked: { hostIP: '', hostPort: String(hostPort) } },
});

export interface City {
  readonly map: NetworkMap;
  readonly traffic: (milliseconds: number) => MapTraffic;
}

/** Of so many containers; the same number gives the same. */
export function cityOf(count: number): City {
  const networks = projects
    .slice(0, Math.max(1, Math.min(6, Math.ceil(count / 20))))
    .flatMap((name, i) => [
      network(2 * i, { name: count > 3 ? `${name}_front` : 'front' }),
      network(2 * i + 1, { name: count > 3 ? `${name}_back` : 'back', internal: true }),
    ]);
  const made = count === 0 ? [] : networks;
  const containers = Array.from({ length: count }, (_, number) => inhabitant(number, made));
  const troubles = containers.flatMap(({ id, name, status, health }): readonly MapTrouble[] => {
    const why =
      status === 'restarting'
        ? 'it ended with status 1 and is started again'
        : 'its health check fails: cannot connect to db';
    const isBad = status === 'restarting' || health === 'unhealthy';
    return isBad ? [{ kind: 'container', id, at: `container ${name}`, why, since: '', next: '' }] : [];
  });
  const endpoints = containers.flatMap((one, number) =>
    one.isUp ? one.networks.map((id, order) => endpointOf(one, { id, number, order, made })) : [],
  );
  const map: NetworkMap = {
    host: {
      name: 'host1',
      links: [
        { name: 'eth0', addresses: ['192.0.2.10/24'] },
        { name: 'eth1', addresses: ['198.51.100.7/24'] },
      ],
    },
    networks: [...made, ...predefined],
    ...{ containers, endpoints, troubles, services: [] },
    nodes:
      count > 100
        ? [
            { id: 'n1', name: 'host1', status: 'here', addresses: ['192.0.2.10'] },
            { id: 'n2', name: 'host2', status: 'ready', addresses: ['192.0.2.11'] },
            { id: 'n3', name: 'host3', status: 'lost', addresses: ['192.0.2.12'] },
          ]
        : [],
  };
  return { map, traffic: (milliseconds) => trafficOf(map, milliseconds) };
}

function inhabitant(number: number, networks: readonly MapNetwork[]): MapContainer {
  const pair = (number % (networks.length / 2)) * 2;
  const [front, back] = [networks[pair]?.id ?? '', networks[pair + 1]?.id ?? ''];
  const round = Math.floor(number / (networks.length / 2));
  const role = roles[round % roles.length] ?? '';
  const project = networks.length > 2 || number > 2 ? `${networks[pair]?.name.split('_')[0]}-` : '';
  const name = `${project}${role}${networks.length > 2 ? `-${1 + Math.floor(round / roles.length)}` : ''}`;
  const on = role === 'web' ? [front] : role === 'api' ? [front, back] : [back];
  const more = { name, networks: on, image: `${role}:latest` };
  if (number % 37 === 17) return container(number, { ...more, status: 'restarting', isUp: false });
  if (number % 29 === 23) return container(number, { ...more, status: 'exited', isUp: false, startedAt: '' });
  if (number % 41 === 31) return container(number, { ...more, health: 'unhealthy' });
  return container(number, { ...more, ports: role === 'web' ? [port(8080 + number)] : [] });
}

function endpointOf(
  { id, name }: MapContainer,
  place: { id: string; number: number; order: number; made: readonly MapNetwork[] },
): MapEndpoint {
  const subnet = 18 + place.made.findIndex((each) => each.id === place.id);
  return {
    ...{
      id: idOf(`e${place.order}`, place.number),
      networkId: place.id,
      kind: 'container',
      containerId: id,
      nodeId: '',
    },
    ...{ name, addresses: [`172.${subnet}.${place.number >> 8}.${(place.number & 255) + 2}/16`] },
    ...{
      mac: '02:42:ac:12:00:02',
      ifname: `eth${place.order}`,
      hostLink: `veth${place.number}`,
      names: [name],
    },
  };
}

/** Every third endpoint sends and receives, some a thousand times as much as others. */
function trafficOf({ endpoints, networks }: NetworkMap, milliseconds: number): MapTraffic {
  const counters = (number: number) => {
    const bytes = Math.round((milliseconds / 1000) * (number % 3 === 0 ? 10 ** (2 + (number % 5)) : 0));
    return {
      ...{ rxBytes: bytes, txBytes: 2 * bytes, rxPackets: bytes >> 8, txPackets: bytes >> 8 },
      ...{ rxErrors: 0, rxDropped: 0, txErrors: 0, txDropped: 0 },
    };
  };
  return {
    at: milliseconds,
    endpoints: new Map(endpoints.map(({ id }, number) => [id, counters(number)])),
    networks: new Map(networks.map(({ id }, number) => [id, counters(number)])),
    links: new Map([
      ['eth0', counters(3)],
      ['eth1', counters(1)],
    ]),
    dns: {
      questions: { udp: 54, tcp: 0 },
      answers: [
        { by: 'itself', code: 'NOERROR', count: 51 },
        { by: 'servers', code: 'NXDOMAIN', count: 3 },
      ],
      ...{ times: { counts: [], sum: 0 }, unanswered: 0 },
    },
  };
}
