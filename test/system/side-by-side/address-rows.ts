/** Addresses, and the names that lead to them. */
import { type Combination, run } from './combination.ts';

/** A container with a MAC address: the docker CLI asks for none of an engine before API 1.44. */
const withMac = (name: string, { mac, network }: { mac: string; network: string }): readonly string[] => [
  `POST /v1.41/containers/create?name=${name} ${JSON.stringify({
    Image: 'busybox',
    Cmd: ['sleep', '1000'],
    MacAddress: mac,
    HostConfig: { NetworkMode: network },
  })}`,
  `start ${name}`,
];

export const pools: readonly Combination[] = [
  {
    title: 'the default bridge',
    commands: [run('--name plain'), run('--name plain2')],
    also: { networks: ['bridge'] },
  },
  {
    title: 'a network with nothing said',
    commands: ['network create auto', run('--name auto1 --network auto')],
  },
  {
    title: 'two containers on a network',
    commands: ['network create pair', run('--name pair1 --network pair'), run('--name pair2 --network pair')],
  },
  {
    title: 'an internal network',
    commands: ['network create --internal inner', run('--name inner1 --network inner')],
  },
  {
    title: 'a subnet',
    commands: ['network create --subnet 10.1.0.0/24 sub', run('--name sub1 --network sub')],
  },
  {
    title: 'a gateway in the middle of its subnet',
    commands: [
      'network create --subnet 10.3.0.0/24 --gateway 10.3.0.100 mid',
      run('--name mid1 --network mid'),
    ],
  },
  {
    title: 'a range to draw from',
    commands: [
      'network create --subnet 10.4.0.0/16 --ip-range 10.4.5.0/24 range',
      run('--name range1 --network range'),
    ],
  },
  {
    title: 'a range, a gateway in it and reserved addresses',
    commands: [
      'network create --subnet 10.5.0.0/16 --ip-range 10.5.0.0/29 --gateway 10.5.0.2 --aux-address a=10.5.0.1 --aux-address b=10.5.0.3 aux',
      run('--name aux1 --network aux'),
      run('--name aux2 --network aux'),
    ],
  },
  {
    title: 'a range that is full',
    commands: [
      'network create --subnet 10.6.0.0/24 --ip-range 10.6.0.8/30 full',
      run('--name full1 --network full'),
      run('--name full2 --network full'),
      run('--name full3 --network full'),
      run('--name full4 --network full'),
      run('--name full5 --network full'),
    ],
  },
  {
    title: 'a subnet for one',
    commands: [
      'network create --subnet 10.7.0.0/30 tiny',
      run('--name tiny1 --network tiny'),
      run('--name tiny2 --network tiny'),
    ],
  },
  {
    title: 'IPv6 with a subnet',
    commands: ['network create --ipv6 --subnet 2001:db8:1::/64 six', run('--name six1 --network six')],
  },
  {
    title: 'IPv4 and IPv6, both said',
    commands: [
      'network create --ipv6 --subnet 10.8.0.0/24 --gateway 10.8.0.254 --subnet 2001:db8:2::/64 --gateway 2001:db8:2::ff dual',
      run('--name dual1 --network dual'),
      run('--name dual2 --network dual --ip 10.8.0.9 --ip6 2001:db8:2::9'),
    ],
  },
  {
    title: 'IPv6 and internal',
    commands: [
      'network create --internal --ipv6 --subnet 2001:db8:3::/64 sixinner',
      run('--name sixinner1 --network sixinner'),
    ],
  },
  {
    title: 'an IPv6 range and reserved addresses',
    commands: [
      'network create --ipv6 --subnet 2001:db8:4::/64 --ip-range 2001:db8:4::100/120 --aux-address r=2001:db8:4::101 sixrange',
      run('--name sixrange1 --network sixrange'),
    ],
  },
  {
    title: 'an address of its own',
    commands: ['network create --subnet 10.9.0.0/24 own', run('--name own1 --network own --ip 10.9.0.77')],
  },
];

export const identities: readonly Combination[] = [
  {
    title: 'a MAC address on the default bridge',
    commands: withMac('mac1', { mac: '02:11:22:33:44:55', network: 'bridge' }),
    also: { containers: ['mac1'] },
  },
  {
    title: 'a MAC address on a network',
    commands: ['network create macs', ...withMac('mac2', { mac: '02:11:22:33:44:66', network: 'macs' })],
    also: { containers: ['mac2'] },
  },
  {
    title: 'aliases',
    commands: [
      'network create named',
      run('--name named1 --network named --network-alias db --network-alias store'),
    ],
  },
  {
    title: 'links on the default bridge',
    commands: [
      run('--name source1'),
      run('--name linked1 --link source1'),
      run('--name linked2 --link source1:again -h linkedhost'),
    ],
  },
  {
    title: 'links on a network',
    commands: [
      'network create links',
      run('--name source2 --network links'),
      run('--name linked3 --network links --link source2:other'),
    ],
  },
  {
    title: 'DNS on the default bridge',
    commands: [
      run(
        '--name dns1 --dns 192.0.2.1 --dns 192.0.2.2 --dns-search a.test --dns-search b.test --dns-option ndots:3 --dns-option timeout:1',
      ),
    ],
  },
  {
    title: 'DNS on a network',
    commands: [
      'network create dns',
      run('--name dns2 --network dns --dns 192.0.2.1 --dns-search a.test --dns-option ndots:3'),
    ],
  },
  { title: 'no search domain', commands: [run('--name dns3 --dns-search .')] },
  {
    title: 'further hosts',
    commands: [
      run('--name hosts1 --add-host one:192.0.2.7 --add-host six:2001:db8::7 --add-host gate:host-gateway'),
      'network create hosts',
      run('--name hosts2 --network hosts --add-host one:192.0.2.7 --add-host gate:host-gateway'),
    ],
  },
  { title: 'a host name and a domain', commands: [run('--name uts1 -h box --domainname example.test')] },
  { title: 'a host name with its domain', commands: [run('--name uts2 -h box.example.test')] },
  {
    title: 'sysctls of the network',
    commands: [run('--name sys1 --sysctl net.ipv4.ip_forward=0 --sysctl net.core.somaxconn=77')],
  },
];
