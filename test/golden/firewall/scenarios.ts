/** The scenarios whose rules are kept as golden files and shown in docs/firewall.md. */
import {
  type BridgeFamily,
  type BridgeNetwork,
  defaultSettings,
  type FirewallInput,
  type PublishedPort,
} from '../../../src/firewall/input.ts';

export interface Scenario {
  readonly name: string;
  readonly title: string;
  /** The command lines that lead to it. */
  readonly commands: readonly string[];
  readonly families: readonly (4 | 6)[];
  readonly input: FirewallInput;
}

const family = (subnet: string, more: Partial<BridgeFamily> = {}): BridgeFamily => ({
  subnets: [subnet],
  mode: 'nat',
  masquerade: true,
  source: '',
  ...more,
});

const bridge = (more: Partial<BridgeNetwork> = {}): BridgeNetwork => ({
  name: 'bridge',
  link: 'docker0',
  internal: false,
  icc: true,
  families: { 4: family('172.17.0.0/16') },
  trusted: [],
  ...more,
});

const user = (more: Partial<BridgeNetwork> = {}): BridgeNetwork =>
  bridge({ name: 'app', link: 'br-app', families: { 4: family('172.18.0.0/16') }, ...more });

const port = (more: Partial<PublishedPort> = {}): PublishedPort => ({
  link: 'docker0',
  protocol: 'tcp',
  hostIP: '0.0.0.0',
  hostPort: 8080,
  address: '172.17.0.2',
  containerPort: 80,
  ...more,
});

const input = (more: Partial<FirewallInput> = {}): FirewallInput => ({
  bridges: [bridge()],
  ports: [],
  open: [],
  holes: [],
  segments: [],
  settings: defaultSettings,
  ...more,
});

const appPort = port({ link: 'br-app', address: '172.18.0.2' });

export const scenarios: readonly Scenario[] = [
  {
    name: '01-engine',
    title: 'An engine that has just started',
    commands: ['seawayd'],
    families: [4, 6],
    input: input({ settings: { ...defaultSettings, dropForwarded: [4] } }),
  },
  {
    name: '02-port',
    title: 'A published port on the default bridge',
    commands: ['docker run -p 8080:80 web'],
    families: [4],
    input: input({ ports: [port()] }),
  },
  {
    name: '03-port-on-loopback',
    title: 'A port for this host alone, and one on one of its addresses',
    commands: ['docker run -p 127.0.0.1:8081:80 -p 198.51.100.2:5353:53/udp web'],
    families: [4],
    input: input({
      ports: [
        port({ hostIP: '127.0.0.1', hostPort: 8081 }),
        port({ hostIP: '198.51.100.2', hostPort: 5353, containerPort: 53, protocol: 'udp' }),
      ],
    }),
  },
  {
    name: '04-two-networks',
    title: 'Two networks: kept apart, but published ports are for everyone',
    commands: ['docker network create app', 'docker run --network app -p 8080:80 web'],
    families: [4],
    input: input({ bridges: [bridge(), user()], ports: [appPort] }),
  },
  {
    name: '05-icc-off',
    title: 'A default bridge whose containers are kept apart, and a link',
    commands: [
      'seawayd --icc=false --ipv6 --fixed-cidr-v6 fd00:17::/64',
      'docker run --name db --expose 5432 db',
      'docker run --link db web',
    ],
    families: [4, 6],
    input: input({
      bridges: [bridge({ icc: false, families: { 4: family('172.17.0.0/16'), 6: family('fd00:17::/64') } })],
      holes: [
        { link: 'docker0', from: '172.17.0.3', to: '172.17.0.2', protocol: 'tcp', port: 5432 },
        { link: 'docker0', from: 'fd00:17::3', to: 'fd00:17::2', protocol: 'tcp', port: 5432 },
      ],
    }),
  },
  {
    name: '06-internal',
    title: 'Internal networks, one with a single subnet, one with two',
    commands: [
      'docker network create --internal --subnet 172.18.0.0/16 app',
      'docker network create --internal --subnet 10.1.0.0/24 --subnet 10.2.0.0/24 two',
    ],
    families: [4, 6],
    input: input({
      bridges: [
        user({ internal: true }),
        user({
          name: 'two',
          link: 'br-two',
          internal: true,
          icc: false,
          families: { 4: family('', { subnets: ['10.1.0.0/24', '10.2.0.0/24'] }) },
        }),
      ],
    }),
  },
  {
    name: '07-routed',
    title: 'A routed network',
    commands: [
      'docker network create -o com.docker.network.bridge.gateway_mode_ipv4=routed app',
      'docker run --network app -p 8080:80 web',
    ],
    families: [4],
    input: input({
      bridges: [user({ families: { 4: family('172.18.0.0/16', { mode: 'routed' }) } })],
      ports: [appPort],
    }),
  },
  {
    name: '08-unprotected',
    title: 'A network that is hidden, but not protected',
    commands: [
      'docker network create -o com.docker.network.bridge.gateway_mode_ipv4=nat-unprotected app',
      'docker run --network app -p 8080:80 web',
    ],
    families: [4],
    input: input({
      bridges: [user({ families: { 4: family('172.18.0.0/16', { mode: 'nat-unprotected' }) } })],
      ports: [appPort],
    }),
  },
  {
    name: '09-ipv6',
    title: 'A published port on a network with both families',
    commands: ['docker network create --ipv6 app', 'docker run --network app -p 8080:80 web'],
    families: [4, 6],
    input: input({
      bridges: [user({ families: { 4: family('172.18.0.0/16'), 6: family('fd00:18::/64') } })],
      ports: [appPort, port({ link: 'br-app', hostIP: '::', address: 'fd00:18::2' })],
    }),
  },
  {
    name: '10-no-masquerade',
    title: 'A network that is not masqueraded, and a trusted interface',
    commands: [
      'docker network create -o com.docker.network.bridge.enable_ip_masquerade=false -o com.docker.network.bridge.trusted_host_interfaces=vpn0 app',
      'docker run --network app -p 8080:80 web',
    ],
    families: [4],
    input: input({
      bridges: [user({ trusted: ['vpn0'], families: { 4: family('172.18.0.0/16', { masquerade: false }) } })],
      ports: [appPort],
    }),
  },
  {
    name: '11-source-and-trust',
    title: 'An address of its own for what leaves, a trusted interface and a mark that passes',
    commands: [
      'seawayd --bridge-accept-fwmark 0x10/0xf0',
      'docker network create -o com.docker.network.host_ipv4=198.51.100.9 -o com.docker.network.bridge.trusted_host_interfaces=vpn0 app',
      'docker run --network app -p 8080:80 web',
    ],
    families: [4],
    input: input({
      bridges: [
        user({ trusted: ['vpn0'], families: { 4: family('172.18.0.0/16', { source: '198.51.100.9' }) } }),
      ],
      ports: [appPort],
      settings: { ...defaultSettings, acceptFwmark: '0x10/0xf0' },
    }),
  },
  {
    name: '12-small-path',
    title: 'Segment sizes cut to the path, on a kernel without br_netfilter',
    commands: ['docker run -p 8080:80 web'],
    families: [4],
    input: input({
      ports: [port()],
      settings: { ...defaultSettings, clampMss: true, bridgeNetfilter: false },
    }),
  },
  {
    name: '13-plugin',
    title: 'A network whose driver is a plugin, on a kernel with br_netfilter',
    commands: ['docker network create -d weave --subnet 10.44.0.0/16 far'],
    families: [4],
    input: input({ segments: [{ name: 'far', subnets: ['10.44.0.0/16'] }] }),
  },
  {
    name: '18-plugin-within',
    title: 'Networks of plugins, one with a subnet within that of another',
    commands: [
      'docker network create -d weave --subnet 10.44.0.0/16 far',
      'docker network create -d weave --subnet 10.44.7.0/24 --subnet 192.168.7.0/24 near',
    ],
    families: [4],
    input: input({
      segments: [
        { name: 'far', subnets: ['10.44.0.0/16'] },
        { name: 'near', subnets: ['10.44.7.0/24', '192.168.7.0/24'] },
      ],
    }),
  },
  {
    name: '14-overlay',
    title: 'A host of a cluster, whose overlay networks reach two others',
    commands: ['seawayd --cluster-store etcd://192.0.2.9:2379 --cluster-advertise 192.0.2.1:2376'],
    families: [4],
    input: input({ tunnels: { port: 4789, family: 4, from: ['192.0.2.2', '192.0.2.3'] } }),
  },
  {
    name: '15-overlay-encrypted',
    title: 'A host of a swarm with another data path port, and an encrypted network',
    commands: [
      'docker swarm init --data-path-port 7788',
      'docker network create -d overlay --opt encrypted secret',
    ],
    families: [4, 6],
    input: input({
      tunnels: { port: 7788, family: 4, from: ['192.0.2.2'] },
      secureTunnels: { link: 'wg-ab12cd34ef56', port: 4790, family: 6 },
    }),
  },
  {
    name: '16-range',
    title: 'Ranges of ports: one that keeps its numbers, and one that is moved',
    commands: ['docker run -p 10000-20000:10000-20000 -p 127.0.0.1:9000-9009:80-89/udp web'],
    families: [4],
    input: input({
      ports: [
        port({
          hostIP: '127.0.0.1',
          protocol: 'udp',
          hostPort: 9000,
          hostPortEnd: 9009,
          containerPortEnd: 89,
        }),
        port({ hostPort: 10_000, hostPortEnd: 20_000, containerPort: 10_000, containerPortEnd: 20_000 }),
      ],
    }),
  },
  {
    name: '17-behind-input',
    title: "A port that obeys the host's own firewall",
    commands: ['docker run --label com.seaway.publish_policy=host -p 8080:80 web'],
    families: [4],
    input: input({ ports: [port({ policy: 'host' })] }),
  },
];
