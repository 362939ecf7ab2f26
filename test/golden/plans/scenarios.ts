/** Networks and what they are in the kernel: the scenarios of the plan goldens. */

import { blankEndpointSpec as spec } from '../../../src/model/blank.ts';
import type { Facts } from '../../../src/objects/object.ts';
import {
  alone,
  apart,
  bare,
  dual,
  four,
  host,
  inner,
  isolated,
  l2,
  l3,
  macvlan,
  many,
  near,
  none,
  vlan,
} from './networks.ts';
import { container, usualFacts, type World } from './world.ts';

export interface Scenario extends World {
  /** Name of the golden file. */
  readonly name: string;
  readonly title: string;
  /** What a user would have typed. */
  readonly commands: readonly string[];
  readonly facts: Facts;
}

const facts = usualFacts;

export const scenarios: readonly Scenario[] = [
  {
    name: 'bridge',
    title: 'A container on a bridge network',
    commands: [
      'docker network create --subnet 172.18.0.0/16 web',
      'docker run --network web --name c1 busybox',
    ],
    networks: [four],
    ...container('c1', [{ on: four, addresses: ['172.18.0.2/16'], gateway: [4] }]),
    facts,
  },
  {
    name: 'bridge-ipv6',
    title: 'With IPv6',
    commands: [
      'docker network create --ipv6 --subnet 172.19.0.0/16 --subnet fd00:19::/64 dual',
      'docker run --network dual --name c1 busybox',
    ],
    networks: [dual],
    ...container('c1', [{ on: dual, addresses: ['172.19.0.2/16', 'fd00:19::2/64'], gateway: [4, 6] }]),
    facts,
  },
  {
    name: 'bridge-two-networks',
    title: 'Two networks, one of them internal',
    commands: [
      'docker network create --internal --subnet 172.20.0.0/16 inner',
      'docker create --network inner --name c1 --sysctl net.ipv4.ip_unprivileged_port_start=0 busybox',
      'docker network connect web c1; docker start c1',
    ],
    networks: [inner, four],
    ...container(
      'c1',
      [
        { on: inner, addresses: ['172.20.0.2/16'] },
        { on: four, addresses: ['172.18.0.2/16'], gateway: [4] },
      ],
      { sysctls: { 'net.ipv4.ip_unprivileged_port_start': '0' } },
    ),
    facts,
  },
  {
    name: 'bridge-options',
    title: 'A bridge with a name, an MTU, a prefix for interfaces, and neighbours kept apart',
    commands: [
      'docker network create --subnet 172.21.0.0/16 -o com.docker.network.bridge.name=br-apart \\',
      '  -o com.docker.network.bridge.enable_icc=false -o com.docker.network.driver.mtu=1400 \\',
      '  -o com.docker.network.container_iface_prefix=lan apart',
      'docker run --network apart --name c1 busybox',
    ],
    networks: [apart],
    ...container('c1', [{ on: apart, addresses: ['172.21.0.2/16'], gateway: [4] }]),
    facts,
  },
  {
    name: 'bridge-options-plain-kernel',
    title: 'The same where the kernel has neither br_netfilter nor IPv6',
    commands: ['docker run --network apart --name c1 busybox'],
    networks: [apart],
    ...container('c1', [{ on: apart, addresses: ['172.21.0.2/16'], gateway: [4] }]),
    facts: { uplinkMtu: 9000, bridgeNetfilter: false, ipv6: false },
  },
  {
    name: 'bridge-fanout',
    title: 'The 1,001st container of a network: the bridge has no ports left and is extended',
    commands: ['docker run --network web --name c1001 busybox'],
    networks: [four],
    ...container('c1001', [
      { on: four, addresses: ['172.18.3.234/16'], gateway: [4], loads: new Map([['', 1000]]) },
    ]),
    facts,
  },
  {
    name: 'bridge-fanout-apart',
    title: 'The same where neighbours are kept apart and the kernel has no br_netfilter',
    commands: ['docker run --network apart --name c1001 busybox'],
    networks: [apart],
    ...container('c1001', [
      { on: apart, addresses: ['172.21.3.234/16'], gateway: [4], loads: new Map([['', 1000]]) },
    ]),
    facts: { ...facts, bridgeNetfilter: false },
  },
  {
    name: 'bridge-inhibit-ipv4',
    title: 'A bridge without an address; containers go out by another gateway',
    commands: [
      'docker network create --subnet 172.22.0.0/16 --aux-address DefaultGatewayIPv4=172.22.0.254 \\',
      '  -o com.docker.network.bridge.inhibit_ipv4=true bare',
      'docker run --network bare --name c1 busybox',
    ],
    networks: [bare],
    ...container('c1', [{ on: bare, addresses: ['172.22.0.2/16'], gateway: [4] }]),
    facts,
  },
  {
    name: 'bridge-isolated',
    title: 'An internal network that the host is not on',
    commands: [
      'docker network create --internal --subnet 172.23.0.0/16 \\',
      '  -o com.docker.network.bridge.gateway_mode_ipv4=isolated isolated',
      'docker run --network isolated --name c1 busybox',
    ],
    networks: [isolated],
    ...container('c1', [{ on: isolated, addresses: ['172.23.0.2/16'] }]),
    facts,
  },
  {
    name: 'bridge-many-subnets',
    title: 'Several subnets of each family; the container takes its default routes from those it is in',
    commands: [
      'docker network create --ipv6 --subnet 10.1.0.0/24 --subnet 10.2.0.0/24 --subnet fd00:a::/64 --subnet fd00:b::/64 many',
      'docker run --network many --ip 10.2.0.9 --ip6 fd00:b::9 --name c1 busybox',
    ],
    networks: [many],
    ...container('c1', [{ on: many, addresses: ['10.2.0.9/24', 'fd00:b::9/64'], gateway: [4, 6] }]),
    facts,
  },
  {
    name: 'endpoint-rates',
    title: 'Limits of what a container sends and receives',
    commands: [
      'docker run --name c1 --network name=web,driver-opt=com.seaway.rate.egress=10mbit,driver-opt=com.seaway.rate.ingress=50mbit busybox',
    ],
    networks: [four],
    ...container('c1', [
      {
        on: four,
        addresses: ['172.18.0.2/16'],
        gateway: [4],
        spec: spec('web', {
          driverOpts: { 'com.seaway.rate.egress': '10mbit', 'com.seaway.rate.ingress': '50mbit' },
        }),
      },
    ]),
    facts,
  },
  {
    name: 'endpoint-options',
    title: 'Interface name, sysctls and link-local address of an endpoint',
    commands: [
      'docker run --name c1 --network name=web,link-local-ip=169.254.7.7,driver-opt=com.docker.network.endpoint.ifname=wan0,\\',
      '"driver-opt=com.docker.network.endpoint.sysctls=net.ipv4.conf.IFNAME.log_martians=1" busybox',
    ],
    networks: [four],
    ...container('c1', [
      {
        on: four,
        addresses: ['172.18.0.2/16', '169.254.7.7/16'],
        gateway: [4],
        spec: spec('web', {
          linkLocal: ['169.254.7.7'],
          driverOpts: {
            'com.docker.network.endpoint.ifname': 'wan0',
            'com.docker.network.endpoint.sysctls': 'net.ipv4.conf.IFNAME.log_martians=1',
          },
        }),
      },
    ]),
    facts,
  },
  {
    name: 'none',
    title: 'No network',
    commands: ['docker run --network none --name c1 busybox'],
    networks: [none],
    ...container('c1', [{ on: none }]),
    facts,
  },
  {
    name: 'host',
    title: "The host's network",
    commands: ['docker run --network host --name c1 busybox'],
    networks: [host],
    ...container('c1', [{ on: host }], { kind: 'host', path: '' }),
    facts,
  },
  {
    name: 'macvlan',
    title: 'On the physical link with a MAC address of its own',
    commands: [
      'docker network create -d macvlan --subnet 198.51.100.0/24 --gateway 198.51.100.1 -o parent=up0 pub',
      'docker run --network pub --name c1 busybox',
    ],
    networks: [macvlan],
    ...container('c1', [{ on: macvlan, addresses: ['198.51.100.70/24'], gateway: [4] }]),
    facts,
  },
  {
    name: 'macvlan-host-access',
    title: 'Macvlan containers that the host reaches too: by a link of its own and a route to each',
    commands: [
      'docker network create -d macvlan --subnet 198.51.100.0/24 --gateway 198.51.100.1 \\',
      '    -o parent=up0 -o seaway.host_access=true near',
      'docker run --network near --name c1 busybox',
    ],
    networks: [near],
    ...container('c1', [{ on: near, addresses: ['198.51.100.70/24'], gateway: [4] }]),
    facts,
  },
  {
    name: 'macvlan-vlan',
    title: 'On a VLAN: the 802.1q sub-interface comes with the network',
    commands: [
      'docker network create -d macvlan --subnet 10.50.0.0/24 -o parent=up0.50 -o macvlan_mode=vepa vlan50',
      'docker run --network vlan50 --name c1 busybox',
    ],
    networks: [vlan],
    ...container('c1', [{ on: vlan, addresses: ['10.50.0.2/24'], gateway: [4] }]),
    facts,
  },
  {
    name: 'macvlan-internal',
    title: 'Macvlan without a parent: a dummy stands in for it',
    commands: [
      'docker network create -d macvlan --internal --subnet 10.51.0.0/24 alone',
      'docker run --network alone --name c1 busybox',
    ],
    networks: [alone],
    ...container('c1', [{ on: alone, addresses: ['10.51.0.2/24'] }]),
    facts,
  },
  {
    name: 'ipvlan-l2',
    title: "On the physical link with the host's MAC address",
    commands: [
      'docker network create -d ipvlan --subnet 10.60.0.0/24 -o parent=up0 -o ipvlan_flag=private l2',
      'docker run --network l2 --name c1 busybox',
    ],
    networks: [l2],
    ...container('c1', [{ on: l2, addresses: ['10.60.0.2/24'], gateway: [4] }]),
    facts,
  },
  {
    name: 'ipvlan-l3',
    title: 'Routed by the parent: default routes by the interface alone',
    commands: [
      'docker network create -d ipvlan --ipv6 --subnet 10.61.0.0/24 --subnet fd00:61::/64 -o parent=up0 -o ipvlan_mode=l3 l3',
      'docker run --network l3 --name c1 busybox',
    ],
    networks: [l3],
    ...container('c1', [{ on: l3, addresses: ['10.61.0.2/24', 'fd00:61::2/64'], gateway: [4, 6] }]),
    facts,
  },
];
