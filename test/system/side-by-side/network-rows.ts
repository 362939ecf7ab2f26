/** Options of networks, and their drivers. */
import { type Combination, run } from './combination.ts';

const option = (name: string, value: string): string => `-o com.docker.network.${name}=${value}`;

export const options: readonly Combination[] = [
  {
    title: 'the name of the bridge',
    commands: [`network create ${option('bridge.name', 'br-mine')} mine`, run('--name mine1 --network mine')],
  },
  {
    title: 'an MTU',
    commands: [`network create ${option('driver.mtu', '1400')} mtu`, run('--name mtu1 --network mtu')],
  },
  {
    title: 'a jumbo MTU',
    commands: [`network create ${option('driver.mtu', '9000')} jumbo`, run('--name jumbo1 --network jumbo')],
  },
  {
    title: 'no connections between containers',
    commands: [
      `network create ${option('bridge.enable_icc', 'false')} icc`,
      run('--name icc1 --network icc'),
    ],
  },
  {
    title: 'no masquerading',
    commands: [
      `network create ${option('bridge.enable_ip_masquerade', 'false')} masq`,
      run('--name masq1 --network masq'),
    ],
  },
  {
    title: 'an address to publish on',
    commands: [
      `network create ${option('bridge.host_binding_ipv4', '198.51.100.2')} bound`,
      run('--name bound1 --network bound -p 8001:80'),
    ],
  },
  {
    title: 'a prefix for interfaces',
    commands: [
      `network create ${option('container_iface_prefix', 'net')} prefix`,
      run('--name prefix1 --network prefix'),
    ],
  },
  {
    title: 'a bridge without an IPv4 address',
    commands: [
      `network create ${option('bridge.inhibit_ipv4', 'true')} inhibit`,
      run('--name inhibit1 --network inhibit'),
    ],
  },
  {
    title: 'an option that nobody knows',
    commands: ['network create -o what=ever unknown', run('--name unknown1 --network unknown')],
  },
  {
    title: 'labels and attachable',
    commands: ['network create --label a=b --attachable labels', run('--name labels1 --network labels')],
  },
  {
    title: 'a configuration and a network from it',
    commands: [
      'network create --config-only --subnet 10.10.0.0/24 --label x=y config',
      'network create --config-from config fromconfig',
      run('--name config1 --network fromconfig'),
      run('--name config2 --network config'),
      'network rm config',
    ],
  },
  {
    title: 'an IPAM driver and its options',
    commands: [
      'network create --ipam-driver default --ipam-opt foo=bar ipamopt',
      run('--name ipamopt1 --network ipamopt'),
    ],
  },
];

export const drivers: readonly Combination[] = [
  {
    title: 'the network of the host',
    commands: [run('--name host1 --network host')],
    also: { networks: ['host'] },
  },
  { title: 'no network', commands: [run('--name none1 --network none')], also: { networks: ['none'] } },
  {
    title: "another container's network",
    commands: [run('--name other1 --network container:plain')],
  },
  ...(['bridge', 'private', 'vepa', 'passthru'] as const).map((mode, at) => ({
    title: `macvlan, ${mode}`,
    commands: [
      `network create -d macvlan --subnet 10.20.${at}.0/24 --gateway 10.20.${at}.1 -o parent=par${at} -o macvlan_mode=${mode} mac-${mode}`,
      run(`--name mac-${mode}1 --network mac-${mode}`),
    ],
  })),
  {
    title: 'macvlan with IPv6 and addresses of its own',
    commands: [
      'network create -d macvlan --ipv6 --subnet 10.20.4.0/24 --subnet 2001:db8:20::/64 -o parent=par4 mac-six',
      run('--name mac-six1 --network mac-six --ip 10.20.4.9 --ip6 2001:db8:20::9'),
    ],
  },
  {
    title: 'macvlan, internal',
    commands: [
      'network create -d macvlan --internal --subnet 10.20.5.0/24 -o parent=par5 mac-inner',
      run('--name mac-inner1 --network mac-inner'),
    ],
  },
];
