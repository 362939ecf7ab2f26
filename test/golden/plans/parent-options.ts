/** The plan goldens of every mode and option of the drivers that hang on a link of the host. */

import type { Pool } from '../../../src/ipam/pool.ts';
import { blankEndpointSpec as spec } from '../../../src/model/blank.ts';
import type { Network } from '../../../src/model/network.ts';
import type { Scenario } from './scenarios.ts';
import { type Attachment, container, usualFacts as facts, network, pool, type World } from './world.ts';

type Options = Readonly<Record<string, string>>;

/** Networks that differ in one word, a container on each. */
function eachWith(words: readonly string[], make: (word: string, number: number) => Attachment): World {
  const ends = words.map((word, i) => ({ word, attachment: make(word, i + 1) }));
  const boxes = ends.map(({ word, attachment }) => container(word, [attachment]));
  return {
    networks: ends.map(({ attachment }) => attachment.on),
    sandboxes: boxes.flatMap(({ sandboxes = [] }) => sandboxes),
    endpoints: boxes.flatMap(({ endpoints = [] }) => endpoints),
  };
}

const of = (driver: string, name: string, more: Partial<Network> & { readonly pools: readonly Pool[] }) =>
  network(name, { driver, ...more });

const create = (driver: string, options: Options, more = ''): string =>
  `docker network create -d ${driver}${more} ${Object.entries(options)
    .map(([key, value]) => `-o ${key}=${value}`)
    .join(' ')}`;

/** One network per flag: mode and flag belong to the parent, which ipvlan networks do not share. */
function ipvlanFlags(mode: 'l2' | 'l3' | 'l3s', title: string): Scenario {
  const flags = ['bridge', 'private', 'vepa'];
  const optionsOf = (flag: string, number: number): Options => ({
    parent: `up${number}`,
    ipvlan_mode: mode,
    ipvlan_flag: flag,
  });
  return {
    name: `ipvlan-${mode}-flags`,
    title,
    commands: flags.flatMap((flag, i) => [
      `${create('ipvlan', optionsOf(flag, i + 1), ` --subnet 10.6${i + 1}.0.0/24`)} ${flag}`,
      `docker run --network ${flag} --name ${flag} busybox`,
    ]),
    ...eachWith(flags, (flag, number) => {
      const subnet = `10.6${number}.0.0/24`;
      const pools = [mode === 'l2' ? pool(subnet, `10.6${number}.0.1`) : pool(subnet)];
      const on = of('ipvlan', `${mode} ${flag}`, { options: optionsOf(flag, number), pools });
      return { on, addresses: [`10.6${number}.0.2/24`], gateway: [4] };
    }),
    facts,
  };
}

const macvlanModes = ['bridge', 'vepa', 'private', 'passthru'];

const shaped = of('macvlan', 'shaped', {
  enableIPv6: true,
  options: {
    parent: 'up0',
    'com.docker.network.driver.mtu': '1400',
    'com.docker.network.container_iface_prefix': 'lan',
  },
  pools: [pool('198.51.100.0/24', '198.51.100.1'), pool('2001:db8:51::/64', '2001:db8:51::1')],
});
const inner = of('macvlan', 'inner', {
  internal: true,
  options: { parent: 'up0' },
  pools: [pool('10.55.0.0/24', '10.55.0.1')],
});
const vlanOptions = { parent: 'up0.60', ipvlan_mode: 'l3s' };
const vlan = of('ipvlan', 'vlan60', { options: vlanOptions, pools: [pool('10.56.0.0/24')] });
const alone = of('ipvlan', 'alone6', {
  internal: true,
  enableIPv6: true,
  options: { 'com.docker.network.driver.mtu': '1400' },
  pools: [pool('10.57.0.0/24'), pool('fd00:57::/64')],
});
const near6 = of('macvlan', 'near6', {
  enableIPv6: true,
  options: { parent: 'up0', 'seaway.host_access': 'true' },
  pools: [
    pool('198.51.100.0/24', '198.51.100.1', { auxAddresses: { host: '198.51.100.2' } }),
    pool('2001:db8:51::/64', '2001:db8:51::1', { auxAddresses: { host: '2001:db8:51::2' } }),
  ],
});

export const parentOptionScenarios: readonly Scenario[] = [
  {
    name: 'macvlan-modes',
    title: 'Every mode of macvlan, on a link each',
    commands: macvlanModes.map((mode, i) =>
      create('macvlan', { parent: `up${i + 1}`, macvlan_mode: mode }, ` --subnet 10.5${i + 1}.0.0/24`),
    ),
    ...eachWith(macvlanModes, (mode, number) => ({
      on: of('macvlan', `mode ${mode}`, {
        options: { parent: `up${number}`, macvlan_mode: mode },
        pools: [pool(`10.5${number}.0.0/24`, `10.5${number}.0.1`)],
      }),
      addresses: [`10.5${number}.0.2/24`],
      gateway: [4],
    })),
    facts,
  },
  {
    name: 'macvlan-options',
    title: 'Macvlan with IPv6, an MTU, a prefix for interfaces, and options of an endpoint',
    commands: [
      'docker network create -d macvlan --ipv6 --subnet 198.51.100.0/24 --subnet 2001:db8:51::/64 -o parent=up0 \\',
      '  -o com.docker.network.driver.mtu=1400 -o com.docker.network.container_iface_prefix=lan shaped',
      'docker run --name c1 --network name=shaped,"driver-opt=com.docker.network.endpoint.sysctls=net.ipv4.conf.IFNAME.log_martians=1" busybox',
    ],
    networks: [shaped],
    ...container('c1', [
      {
        on: shaped,
        addresses: ['198.51.100.70/24', '2001:db8:51::70/64'],
        gateway: [4, 6],
        spec: spec('shaped', {
          driverOpts: { 'com.docker.network.endpoint.sysctls': 'net.ipv4.conf.IFNAME.log_martians=1' },
        }),
      },
    ]),
    facts,
  },
  {
    name: 'macvlan-internal-parent',
    title: 'An internal macvlan network with a parent: on the link, but with no way out',
    commands: [
      'docker network create -d macvlan --internal --subnet 10.55.0.0/24 -o parent=up0 inner',
      'docker run --network inner --name c1 busybox',
    ],
    networks: [inner],
    ...container('c1', [{ on: inner, addresses: ['10.55.0.2/24'] }]),
    facts,
  },
  {
    name: 'macvlan-host-access-ipv6',
    title: 'Macvlan containers that the host reaches by both families',
    commands: [
      'docker network create -d macvlan --ipv6 --subnet 198.51.100.0/24 --subnet 2001:db8:51::/64 \\',
      '    -o parent=up0 -o seaway.host_access=true near6',
      'docker run --network near6 --name c1 busybox',
    ],
    networks: [near6],
    ...container('c1', [
      { on: near6, addresses: ['198.51.100.70/24', '2001:db8:51::70/64'], gateway: [4, 6] },
    ]),
    facts,
  },
  ipvlanFlags('l2', 'Every flag of ipvlan in mode l2'),
  ipvlanFlags('l3', 'Every flag of ipvlan in mode l3'),
  ipvlanFlags('l3s', 'Every flag of ipvlan in mode l3s'),
  {
    name: 'ipvlan-vlan',
    title: 'Ipvlan on a VLAN: the 802.1q sub-interface comes with the network',
    commands: [
      `${create('ipvlan', vlanOptions, ' --subnet 10.56.0.0/24')} vlan60`,
      'docker run --network vlan60 --name c1 busybox',
    ],
    networks: [vlan],
    ...container('c1', [{ on: vlan, addresses: ['10.56.0.2/24'], gateway: [4] }]),
    facts,
  },
  {
    name: 'ipvlan-internal',
    title: 'Ipvlan without a parent: a dummy stands in for it',
    commands: [
      'docker network create -d ipvlan --internal --ipv6 --subnet 10.57.0.0/24 --subnet fd00:57::/64 \\',
      '  -o com.docker.network.driver.mtu=1400 alone6',
      'docker run --network alone6 --name c1 busybox',
    ],
    networks: [alone],
    ...container('c1', [{ on: alone, addresses: ['10.57.0.2/24', 'fd00:57::2/64'] }]),
    facts,
  },
];
