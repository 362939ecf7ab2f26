/** The plan goldens of what can be asked of a bridge network and of an endpoint on one. */

import { defaultBridge } from '../../../src/drivers/bridge/default-bridge.ts';
import { blankEndpointSpec as spec } from '../../../src/model/blank.ts';
import type { Scenario } from './scenarios.ts';
import { container, usualFacts as facts, network, pool } from './world.ts';

const option = (name: string): string => `com.docker.network.bridge.${name}`;

const six = network('six', {
  enableIPv4: false,
  enableIPv6: true,
  pools: [pool('fd00:24::/64', 'fd00:24::1')],
});
const half = network('half', {
  internal: true,
  enableIPv6: true,
  options: { [option('gateway_mode_ipv6')]: 'isolated' },
  pools: [pool('172.25.0.0/16', '172.25.0.1'), pool('fd00:25::/64')],
});
const quiet = network('quiet', {
  enableIPv6: true,
  options: { [option('inhibit_ipv4')]: 'true', [option('enable_icc')]: 'false' },
  pools: [pool('172.26.0.0/16', '172.26.0.1'), pool('fd00:26::/64', 'fd00:26::1')],
});
const settings = { name: '', icc: true, ipMasq: true, mtu: 0, ip: '', ipv6: true };
const bridge = network('bridge', {
  predefined: true,
  enableIPv6: true,
  ...defaultBridge(settings, facts),
  pools: [
    pool('10.62.0.0/24', '10.62.0.1', { auxAddresses: { DefaultGatewayIPv4: '10.62.0.77' } }),
    pool('fd61::/64', 'fd61::5', { auxAddresses: { DefaultGatewayIPv6: 'fd61::77' } }),
  ],
});
const mine = network('mine', {
  predefined: true,
  ...defaultBridge({ ...settings, name: 'mine0', mtu: 1450 }, facts),
  pools: [pool('10.64.0.0/24', '10.64.0.9')],
});
const four = network('web', { pools: [pool('172.18.0.0/16', '172.18.0.1')] });
const dual = network('dual', {
  enableIPv6: true,
  pools: [pool('172.19.0.0/16', '172.19.0.1'), pool('fd00:19::/64', 'fd00:19::1')],
});

export const bridgeOptionScenarios: readonly Scenario[] = [
  {
    name: 'bridge-ipv6-only',
    title: 'IPv6 alone',
    commands: [
      'docker network create --ipv4=false --ipv6 --subnet fd00:24::/64 six',
      'docker run --network six --name c1 busybox',
    ],
    networks: [six],
    ...container('c1', [{ on: six, addresses: ['fd00:24::2/64'], gateway: [6] }]),
    facts,
  },
  {
    name: 'bridge-isolated-ipv6',
    title: 'An internal network on which the host is by IPv4 alone',
    commands: [
      'docker network create --internal --ipv6 --subnet 172.25.0.0/16 --subnet fd00:25::/64 \\',
      '  -o com.docker.network.bridge.gateway_mode_ipv6=isolated half',
      'docker run --network half --name c1 busybox',
    ],
    networks: [half],
    ...container('c1', [{ on: half, addresses: ['172.25.0.2/16', 'fd00:25::2/64'] }]),
    facts,
  },
  {
    name: 'bridge-inhibit-ipv4-ipv6',
    title: 'Neighbours kept apart in both families; the bridge has no IPv4 address, but an IPv6 one',
    commands: [
      'docker network create --ipv6 --subnet 172.26.0.0/16 --subnet fd00:26::/64 \\',
      '  -o com.docker.network.bridge.inhibit_ipv4=true -o com.docker.network.bridge.enable_icc=false quiet',
      'docker run --network quiet --name c1 busybox',
    ],
    networks: [quiet],
    ...container('c1', [{ on: quiet, addresses: ['172.26.0.2/16', 'fd00:26::2/64'], gateway: [4, 6] }]),
    facts,
  },
  {
    name: 'default-bridge',
    title: 'The default bridge with addresses and gateways by the settings of the engine',
    commands: [
      'seawayd --bip 10.62.0.1/24 --default-gateway 10.62.0.77 \\',
      '  --ipv6 --bip6 fd61::5/64 --fixed-cidr-v6 fd61::100/120 --default-gateway-v6 fd61::77',
      'docker run --name c1 busybox',
    ],
    networks: [bridge],
    ...container('c1', [{ on: bridge, addresses: ['10.62.0.2/24', 'fd61::100/64'], gateway: [4, 6] }], {
      resolver: false,
    }),
    facts,
  },
  {
    name: 'default-bridge-of-the-user',
    title: "A bridge of the user's as the default one",
    commands: ['seawayd --bridge mine0 --mtu 1450', 'docker run --name c1 busybox'],
    networks: [mine],
    ...container('c1', [{ on: mine, addresses: ['10.64.0.1/24'], gateway: [4] }], { resolver: false }),
    facts,
  },
  {
    name: 'endpoint-mac',
    title: 'A MAC address, an address and names of interfaces as asked, on two networks',
    commands: [
      'docker run --name c1 --network name=web,ip=172.18.0.99,mac-address=02:00:00:00:00:99 \\',
      '  --network name=dual,ip6=fd00:19::99,driver-opt=com.docker.network.endpoint.ifname=eth7,gw-priority=1 busybox',
    ],
    networks: [four, dual],
    ...container('c1', [
      {
        on: four,
        addresses: ['172.18.0.99/16'],
        mac: '02:00:00:00:00:99',
        spec: spec('web', { ipv4: '172.18.0.99', mac: '02:00:00:00:00:99' }),
      },
      {
        on: dual,
        addresses: ['172.19.0.2/16', 'fd00:19::99/64'],
        gateway: [4, 6],
        spec: spec('dual', {
          ipv6: 'fd00:19::99',
          gwPriority: 1,
          driverOpts: { 'com.docker.network.endpoint.ifname': 'eth7' },
        }),
      },
    ]),
    facts,
  },
  {
    name: 'endpoint-sysctls',
    title: 'Sysctls of both families and of neighbours, of one interface alone',
    commands: [
      'docker run --name c1 --network name=dual,\\',
      '"driver-opt=com.docker.network.endpoint.sysctls=net.ipv4.conf.IFNAME.rp_filter=2,net.ipv6.conf.IFNAME.hop_limit=9,net.ipv6.neigh.IFNAME.gc_stale_time=30" busybox',
    ],
    networks: [dual],
    ...container('c1', [
      {
        on: dual,
        addresses: ['172.19.0.2/16', 'fd00:19::2/64'],
        gateway: [4, 6],
        spec: spec('dual', {
          driverOpts: {
            'com.docker.network.endpoint.sysctls':
              'net.ipv4.conf.IFNAME.rp_filter=2,net.ipv6.conf.IFNAME.hop_limit=9,net.ipv6.neigh.IFNAME.gc_stale_time=30',
          },
        }),
      },
    ]),
    facts,
  },
];
