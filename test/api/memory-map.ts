/** A picture of one container on one network. */
import type { MapRule, MapTraffic, MapVerbs, NetworkMap } from '../../src/engine/map-verbs.ts';

const [network, container, endpoint] = ['41b2', 'c0de', 'e7a1'].map((part) => part.repeat(16));

export const drawn: NetworkMap = {
  host: { name: 'host1', links: [{ name: 'eth0', addresses: ['192.0.2.10/24'] }] },
  networks: [
    {
      ...{ id: `${network}`, name: 'app', driver: 'bridge', scope: 'local' },
      ...{ internal: false, predefined: false, ingress: false, encrypted: false, link: 'br-41b241b241b2' },
      pools: [{ subnet: '172.18.0.0/16', gateway: '172.18.0.1' }],
      ...{ options: {}, labels: {} },
    },
  ],
  containers: [
    {
      ...{ id: `${container}`, name: 'web', image: 'nginx', status: 'running', health: '', exitCode: 0 },
      ...{ startedAt: '2026-11-30T20:00:00Z', mode: 'app', joined: '', networks: [`${network}`], isUp: true },
      labels: {},
      specs: [],
      ports: [
        {
          ...{ protocol: 'tcp', hostIP: '0.0.0.0', hostPort: 8080, containerPort: 80 },
          ...{ address: '172.18.0.2', endpointId: `${endpoint}`, asked: { hostIP: '', hostPort: '8080' } },
        },
      ],
    },
  ],
  endpoints: [
    {
      ...{ id: `${endpoint}`, networkId: `${network}`, kind: 'container', containerId: `${container}` },
      ...{ nodeId: '', name: 'web', addresses: ['172.18.0.2/16'], mac: '02:42:ac:12:00:02' },
      ...{ ifname: 'eth0', hostLink: 'veth0a1b2c3', names: ['web', 'c0dec0dec0de'] },
    },
  ],
  ...{ nodes: [], services: [] },
  troubles: [
    {
      ...{ kind: 'network', id: `${network}`, at: 'network app', since: '2026-11-30T20:01:00.000Z' },
      ...{ why: 'link br-41b241b241b2: no such device', next: '2026-11-30T20:01:08.000Z' },
    },
  ],
};

const zero = { rxErrors: 0, rxDropped: 0, txErrors: 0, txDropped: 0 };
const counted: MapTraffic = {
  at: 5_000,
  endpoints: new Map([
    [`${endpoint}`, { ...zero, rxBytes: 9_000, txBytes: 1_200, rxPackets: 12, txPackets: 9 }],
  ]),
  networks: new Map([
    [`${network}`, { ...zero, rxBytes: 1_200, txBytes: 9_000, rxPackets: 9, txPackets: 12 }],
  ]),
  links: new Map(),
  dns: {
    questions: { udp: 7, tcp: 0 },
    answers: [{ by: 'itself', code: 'noError', count: 7 }],
    times: { counts: [], sum: 0 },
    unanswered: 0,
  },
};

const rules: readonly MapRule[] = [
  {
    ...{ table: 'ip nat', chain: 'DOCKER', why: 'Port 8080 of the host leads to the container.' },
    text: '! -i br-41b241b241b2 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.18.0.2:80',
  },
];

export const memoryMap: MapVerbs = {
  picture: () => drawn,
  follow: () => () => undefined,
  traffic: async () => counted,
  rules: () => rules,
};
