/** Overlay networks and what they are in the kernel of one host. */
import type { Network, Overlay } from '../../../src/model/network.ts';
import type { Scenario } from './scenarios.ts';
import { container, usualFacts as facts, network, nodes, peer, pool } from './world.ts';

const over = (
  name: string,
  more: Parameters<typeof network>[1] & { readonly chosen?: Partial<Overlay> },
): Network => {
  const { chosen, ...rest } = more;
  const overlay = { vnis: [256], mtu: 1450, encrypted: false, ...chosen };
  return { ...network(name, { driver: 'overlay', scope: 'global', ...rest }), overlay };
};

const plain = over('multi', { pools: [pool('10.0.0.0/24', '10.0.0.1')] });
const dual = over('dual', {
  enableIPv6: true,
  pools: [pool('10.0.1.0/24', '10.0.1.1'), pool('fd00:1::/64', 'fd00:1::1')],
  chosen: { vnis: [257] },
});
const inner = over('inner', { internal: true, pools: [pool('10.0.2.0/24', '10.0.2.1')] });
const many = over('many', {
  options: {
    'com.docker.network.driver.overlay.vxlanid_list': '300,301',
    'com.docker.network.driver.mtu': '1400',
  },
  pools: [pool('10.0.3.0/24', '10.0.3.1'), pool('10.0.4.0/24', '10.0.4.1')],
  chosen: { vnis: [300, 301], mtu: 1400 },
});
const secret = over('secret', {
  options: { encrypted: '' },
  pools: [pool('10.0.5.0/24', '10.0.5.1')],
  chosen: { mtu: 1370, encrypted: true },
});
const gate = network('docker_gwbridge', {
  options: {
    'com.docker.network.bridge.name': 'docker_gwbridge',
    'com.docker.network.bridge.enable_icc': 'false',
  },
  link: 'docker_gwbridge',
  pools: [pool('172.18.0.0/16', '172.18.0.1')],
});

const ofSwarm = {
  ...plain,
  name: 'back',
  scope: 'swarm' as const,
  overlay: { vnis: [4097], mtu: 1450, encrypted: false },
};
const ingress: Network = {
  ...over('ingress', { pools: [pool('10.0.9.0/24', '10.0.9.1')], chosen: { vnis: [4096] } }),
  ...{ scope: 'swarm', ingress: true },
};
const numbered = nodes.map((node, i) => ({ ...node, number: i + 1 }));
const [, away = ''] = nodes.map(({ id }) => id);

export const overlayScenarios: readonly Scenario[] = [
  {
    name: 'overlay',
    title: 'A container on an overlay network, and one on another host',
    commands: [
      'docker network create -d overlay --subnet 10.0.0.0/24 multi',
      'docker run --network multi --name c1 busybox    # here',
      'docker run --network multi --name c2 busybox    # on another host',
    ],
    networks: [plain, gate],
    ...container('c1', [
      { on: plain, addresses: ['10.0.0.2/24'] },
      { on: gate, addresses: ['172.18.0.2/16'], gateway: [4] },
    ]),
    nodes,
    peers: [peer(plain, 'c2', ['10.0.0.3/24'])],
    facts,
  },
  {
    name: 'overlay-ipv6',
    title: 'An overlay network with IPv6',
    commands: [
      'docker network create -d overlay --ipv6 --subnet 10.0.1.0/24 --subnet fd00:1::/64 dual',
      'docker run --network dual --name c1 busybox    # here',
      'docker run --network dual --name c2 busybox    # on another host',
    ],
    networks: [dual],
    ...container('c1', [{ on: dual, addresses: ['10.0.1.2/24', 'fd00:1::2/64'] }]),
    nodes,
    peers: [peer(dual, 'c2', ['10.0.1.3/24', 'fd00:1::3/64'])],
    facts,
  },
  {
    name: 'overlay-internal',
    title: 'An internal overlay network',
    commands: [
      'docker network create -d overlay --internal --subnet 10.0.2.0/24 inner',
      'docker run --network inner --name c1 busybox',
    ],
    networks: [inner],
    ...container('c1', [{ on: inner, addresses: ['10.0.2.2/24'] }]),
    nodes,
    facts,
  },
  {
    name: 'overlay-subnets',
    title: 'An overlay network of several subnets',
    commands: [
      'docker network create -d overlay --subnet 10.0.3.0/24 --subnet 10.0.4.0/24 -o com.docker.network.driver.mtu=1400 -o com.docker.network.driver.overlay.vxlanid_list=300,301 many',
      'docker run --network many --name c1 busybox                  # here',
      'docker run --network many --name c2 --ip 10.0.4.9 busybox    # on another host',
    ],
    networks: [many],
    ...container('c1', [{ on: many, addresses: ['10.0.3.2/24'] }]),
    nodes,
    peers: [peer(many, 'c2', ['10.0.4.9/24'])],
    facts,
  },
  {
    name: 'overlay-encrypted',
    title: 'An encrypted overlay network',
    commands: [
      'docker network create -d overlay --opt encrypted --subnet 10.0.5.0/24 secret',
      'docker run --network secret --name c1 busybox    # here',
      'docker run --network secret --name c2 busybox    # on another host',
    ],
    networks: [secret],
    ...container('c1', [{ on: secret, addresses: ['10.0.5.2/24'] }]),
    nodes,
    peers: [peer(secret, 'c2', ['10.0.5.3/24'])],
    facts,
  },
  {
    name: 'overlay-unused',
    title: 'An overlay network without a container on this host: nothing',
    commands: [
      'docker network create -d overlay --subnet 10.0.0.0/24 multi',
      'docker run --network multi --name c2 busybox    # on another host',
    ],
    networks: [plain],
    nodes,
    peers: [peer(plain, 'c2', ['10.0.0.3/24'])],
    facts,
  },
  {
    name: 'swarm-virtual-address',
    title: 'A task of a service, and the virtual address of the service',
    commands: [
      'docker service create --name web --network back --replicas 3 busybox httpd -f    # one task here',
    ],
    networks: [ofSwarm],
    ...container('web.1', [{ on: ofSwarm, addresses: ['10.0.0.3/24'] }]),
    nodes: numbered,
    peers: [peer(ofSwarm, 'web.2', ['10.0.0.4/24']), peer(ofSwarm, 'web.3', ['10.0.0.5/24'])],
    services: [
      {
        ...{ id: `web ${ofSwarm.id}`, serviceId: 'web', networkId: ofSwarm.id, name: 'web', aliases: [] },
        addresses: ['10.0.0.2'],
        backends: [3, 4, 5].map((last) => ({
          ...{ id: `t${last}`, addresses: [`10.0.0.${last}`], open: last < 5 },
        })),
      },
    ],
    facts,
  },
  {
    name: 'swarm-mesh',
    title: 'The routing mesh on a node without a task',
    commands: [
      'docker service create --name web --replicas 2 -p 8080:80 busybox httpd -f    # on another node',
    ],
    networks: [ingress, gate],
    nodes: numbered,
    meshPorts: [
      {
        ...{
          id: 'tcp 8080',
          protocol: 'tcp',
          port: 8080,
          targetPort: 80,
          serviceId: 'web',
          serviceName: 'web',
        },
        backends: [1, 2].map((slot) => ({
          ...{ id: `t${slot}`, open: true, nodeId: away, container: `web.${slot}.t${slot}` },
        })),
      },
    ],
    facts,
  },
];
