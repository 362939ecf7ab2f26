/** The rules of every option of a bridge network, from the records as a user's command makes them. */
import { firewallInput } from '../../../src/firewall/from-model.ts';
import { defaultSettings } from '../../../src/firewall/input.ts';
import type { Network } from '../../../src/model/network.ts';
import type { PortMapping } from '../../../src/model/sandbox.ts';
import { type Attachment, container, modelOf, network, pool } from '../plans/world.ts';
import type { Scenario } from './scenarios.ts';

const bridge = 'com.docker.network.bridge.';

interface Asked {
  readonly options: Readonly<Record<string, string>>;
  readonly more?: Partial<Network>;
  /** Where port 80 is published. */
  readonly hostIPs?: readonly string[];
}

const addresses = ['172.18.0.2/16', 'fd00:18::2/64'] as const;
const anywhere = ['0.0.0.0', '::'];

/** Network `app` with both families, and a container whose port 80 is published as 8080. */
function input({ options, more = {}, hostIPs = anywhere }: Asked) {
  const app = network('app', {
    enableIPv6: true,
    link: 'br-app',
    options,
    pools: [pool('172.18.0.0/16', '172.18.0.1'), pool('fd00:18::/64', 'fd00:18::1')],
    ...more,
  });
  const place: Attachment = { on: app, addresses, gateway: [4, 6] };
  const { sandboxes = [], endpoints = [] } = container('c1', [place]);
  const ports = hostIPs.map(
    (hostIP): PortMapping => ({
      protocol: 'tcp',
      hostIP,
      hostPort: 8080,
      containerPort: 80,
      address: (hostIP.includes(':') ? addresses[1] : addresses[0]).split('/')[0] ?? '',
      endpointId: endpoints[0]?.id ?? '',
      asked: { hostIP: '', hostPort: '' },
    }),
  );
  const published = sandboxes.map((sandbox) => ({ ...sandbox, ports }));
  return firewallInput(modelOf({ networks: [app], sandboxes: published, endpoints }), defaultSettings);
}

interface Shown extends Asked {
  readonly name: string;
  readonly title: string;
}

function scenario({ name, title, ...asked }: Shown): Scenario {
  const flags = Object.entries(asked.options).map(([key, value]) => ` -o ${key}=${value}`);
  const internal = asked.more?.internal ? ' --internal' : '';
  const port = asked.hostIPs?.length === 0 ? '' : ' -p 8080:80';
  return {
    name,
    title,
    commands: [
      `docker network create --ipv6${internal}${flags.join('')} app`,
      `docker run --network app${port} web`,
    ],
    families: [4, 6],
    input: input(asked),
  };
}

export const optionScenarios: readonly Scenario[] = [
  scenario({
    name: '20-routed-ipv6',
    title: 'NAT for IPv4, routed for IPv6',
    options: { [`${bridge}gateway_mode_ipv6`]: 'routed' },
  }),
  scenario({
    name: '21-routed-ipv4',
    title: 'Routed for IPv4, unprotected for IPv6',
    options: {
      [`${bridge}gateway_mode_ipv4`]: 'routed',
      [`${bridge}gateway_mode_ipv6`]: 'nat-unprotected',
    },
  }),
  scenario({
    name: '22-isolated',
    title: 'An internal network that the host is not on, in either family',
    options: { [`${bridge}gateway_mode_ipv4`]: 'isolated', [`${bridge}gateway_mode_ipv6`]: 'isolated' },
    more: { internal: true },
    hostIPs: [],
  }),
  scenario({
    name: '23-icc-off',
    title: 'A network of both families whose containers are kept apart',
    options: { [`${bridge}enable_icc`]: 'false' },
  }),
  scenario({
    name: '24-no-masquerade',
    title: 'Nothing is masqueraded, in either family',
    options: { [`${bridge}enable_ip_masquerade`]: 'false' },
  }),
  scenario({
    name: '25-source',
    title: 'An address of its own for what leaves, in either family',
    options: {
      'com.docker.network.host_ipv4': '198.51.100.9',
      'com.docker.network.host_ipv6': '2001:db8:51::9',
    },
  }),
  scenario({
    name: '26-trusted',
    title: 'Two trusted interfaces',
    options: { [`${bridge}trusted_host_interfaces`]: 'vpn0:lan1' },
  }),
  scenario({
    name: '27-host-binding',
    title: 'Ports on the addresses that the network has for them',
    options: {
      [`${bridge}host_binding_ipv4`]: '198.51.100.2',
      [`${bridge}host_binding_ipv6`]: '2001:db8:51::2',
    },
    hostIPs: ['198.51.100.2', '2001:db8:51::2'],
  }),
];
