/**
 * What both engines are asked to do. Commands of the docker CLI run in this order on each of them, nothing is
 * removed in between, and so both draw the same addresses. What is made keeps names of its own.
 */
export interface Combination {
  readonly title: string;
  /** Arguments of `docker`, or a request of the API (`POST path JSON`), a line each. */
  readonly commands: readonly string[];
  /** Networks and containers to look at besides those that the commands make by name. */
  readonly also?: { readonly networks?: readonly string[]; readonly containers?: readonly string[] };
}

const run = (flags: string): string => `run -d ${flags} busybox sleep 1000`;
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
const option = (name: string, value: string): string => `-o com.docker.network.${name}=${value}`;

const pools: readonly Combination[] = [
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

const identities: readonly Combination[] = [
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

const options: readonly Combination[] = [
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

const drivers: readonly Combination[] = [
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

const several: readonly Combination[] = [
  {
    title: 'a second network',
    commands: [
      'network create --subnet 10.11.0.0/24 beta',
      'network create --subnet 10.12.0.0/24 alpha',
      run('--name multi1 --network beta'),
      'network connect alpha multi1',
      'network connect --alias nick --ip 10.12.0.50 alpha sub1',
    ],
    also: { containers: ['sub1'] },
  },
  {
    title: 'a network that is left',
    commands: ['network disconnect beta multi1', 'network disconnect alpha sub1'],
    also: { networks: ['alpha', 'beta'], containers: ['multi1', 'sub1'] },
  },
  {
    title: 'a network joined before the start',
    commands: [
      'network create --subnet 10.14.0.0/24 yard',
      'create --name multi2 busybox sleep 1000',
      'network connect yard multi2',
      'start multi2',
    ],
  },
  { title: 'a restart', commands: ['restart -t 0 multi2'], also: { containers: ['multi2'] } },
  {
    title: 'a link with a connection',
    commands: ['network connect --link sub1:friend alpha own1', 'network connect --alias own yard own1'],
    also: { networks: ['alpha', 'yard'], containers: ['own1'] },
  },
  {
    title: 'a second network with IPv6',
    commands: ['network connect --ip6 2001:db8:2::77 dual pair1'],
    also: { networks: ['dual'], containers: ['pair1'] },
  },
  {
    title: 'a network left and joined again',
    commands: [
      'network create --subnet 10.15.0.0/24 again',
      run('--name again1 --network again'),
      'network disconnect again again1',
      'network connect again again1',
    ],
  },
];

const ports: readonly Combination[] = [
  {
    title: 'published ports in every form',
    commands: [
      run('--name pub1 -p 8010:80 -p 127.0.0.1:8011:81 -p 8012:82/udp -p 8013-8014:83-84'),
      'port pub1',
      'port pub1 80',
    ],
  },
  {
    title: 'ports on a network with IPv6',
    commands: [run('--name pub2 --network dual -p 8020:80 -p [2001:db8:51::2]:8021:81'), 'port pub2'],
  },
  {
    title: 'exposed ports that are not published',
    commands: [run('--name pub3 --expose 80 --expose 90/udp')],
  },
  {
    title: 'ports on an internal network',
    commands: [run('--name pub4 --network inner -p 8030:80'), 'port pub4'],
  },
  {
    title: 'ports on the network of the host',
    commands: [run('--name pub5 --network host -p 8040:80'), 'port pub5'],
  },
  { title: 'a port that is taken', commands: [run('--name pub6 -p 8010:80'), 'rm -f pub6'] },
];

const lists: readonly Combination[] = [
  {
    title: 'the lists of networks',
    commands: [
      ...[
        '',
        'driver=macvlan',
        'driver=host',
        'name=mac',
        'label=a',
        'label=a=b',
        'scope=local',
        'scope=swarm',
      ],
      ...['type=builtin', 'type=custom', 'dangling=true', 'dangling=false', 'name=nothing'],
    ].map(
      (filter) =>
        `network ls${filter && ` --filter ${filter}`} --format '{{.Name}} {{.Driver}} {{.Scope}} {{.Internal}} {{.IPv6}} {{.Labels}}'`,
    ),
  },
];

export const networkCombinations: readonly Combination[] = [
  ...pools,
  ...identities,
  ...options,
  ...drivers,
  ...several,
  ...ports,
  ...lists,
];
