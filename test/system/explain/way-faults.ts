/** Faults of links, neighbours, bridges and routes on the host. */
import { addressOf, again, bridgeOf, type Fault, macOf, portOf } from './bench.ts';

const onHost =
  (command: (bridge: string, port: string) => string): Fault['set'] =>
  async (bench) =>
    bench.host(command(await bridgeOf(bench), await portOf(bench, 'web')));

/** From `db` to `web`, by their bridge. */
const onBridge = { ask: ['db', 'web:80'] } as const;
const wrongMac = '02:00:00:00:00:99';

/** `lladdr` of an entry of the neighbours in a container. */
const mistaken =
  (container: string, of: string): Fault['set'] =>
  async (bench) =>
    bench.inside(
      container,
      `ip neighbour replace ${await addressOf(bench, of)} lladdr ${wrongMac} dev eth0 nud permanent`,
    );

export const wayFaults: readonly Fault[] = [
  {
    name: "a filter of tc at a container's port",
    set: onHost(
      (_, port) =>
        `tc qdisc add dev ${port} clsact; tc filter add dev ${port} egress protocol ip u32 match ip dport 80 0xffff action mirred egress redirect dev lo`,
    ),
    undo: onHost((_, port) => `tc qdisc del dev ${port} clsact`),
    ...{ ...onBridge, code: 'traffic-control', says: /clsact/ },
  },
  {
    name: 'a queue of tc that drops all in a container',
    set: ({ inside }) => inside('db', 'tc qdisc add dev eth0 root tbf rate 8bit burst 10b limit 10b'),
    undo: ({ inside }) => inside('db', 'tc qdisc del dev eth0 root'),
    ...{ ask: ['db', '172.18.0.2:80'], code: 'traffic-control', says: /tbf.*eth0.*db/ },
  },
  {
    name: 'a table of netdev',
    set: ({ host }) =>
      host(
        'nft "table netdev mine { chain guard { type filter hook ingress device up0 priority 0; tcp dport 8080 drop; }; }"',
      ),
    undo: ({ host }) => host('nft delete table netdev mine'),
    ...{ ask: ['outside', 'web:80'], code: 'host-firewall', says: /netdev mine/ },
  },
  {
    name: 'a bridge port that is blocked',
    set: onHost((_, port) => `bridge link set dev ${port} state 0`),
    undo: onHost((_, port) => `bridge link set dev ${port} state 3`),
    ...{ ...onBridge, code: 'bridge-port', says: /disabled/ },
  },
  {
    name: 'bridge ports that are isolated',
    set: async (bench) => {
      for (const name of ['web', 'db'])
        await bench.host(`bridge link set dev ${await portOf(bench, name)} isolated on`);
    },
    undo: async (bench) => {
      for (const name of ['web', 'db'])
        await bench.host(`bridge link set dev ${await portOf(bench, name)} isolated off`);
    },
    ...{ ...onBridge, code: 'setting-changed', says: /isolated/ },
  },
  {
    name: 'a forwarding entry that leads to another port',
    set: async (bench) =>
      bench.host(
        `bridge fdb replace ${await macOf(bench, 'web')} dev ${await portOf(bench, 'third')} master static sticky`,
      ),
    undo: async (bench) =>
      bench.host(`bridge fdb delete ${await macOf(bench, 'web')} dev ${await portOf(bench, 'third')} master`),
    ...{ ...onBridge, code: 'bridge-port', says: /third/ },
  },
  {
    name: "the host's own entry of a neighbour is wrong",
    set: async (bench) =>
      bench.host(
        `ip neighbour replace ${await addressOf(bench, 'web')} lladdr ${wrongMac} dev ${await bridgeOf(bench)} nud permanent`,
      ),
    undo: async (bench) =>
      bench.host(`ip neighbour delete ${await addressOf(bench, 'web')} dev ${await bridgeOf(bench)}`),
    ...{ ask: ['outside', 'web:80'], code: 'foreign-neighbour', says: /02:00:00:00:00:99/ },
  },
  {
    name: "the receiver's entry of the sender is wrong",
    set: mistaken('web', 'db'),
    undo: (bench) => again(bench, 'web'),
    ...{ ...onBridge, code: 'foreign-neighbour', says: /02:00:00:00:00:99/ },
  },
  {
    name: "a container's entry of its gateway is wrong",
    set: ({ inside }) =>
      inside('db', `ip neighbour replace 172.18.0.1 lladdr ${wrongMac} dev eth0 nud permanent`),
    undo: (bench) => again(bench, 'db'),
    ...{ ask: ['db', 'outside:198.51.100.1'], code: 'foreign-neighbour', says: /172\.18\.0\.1/ },
  },
  {
    name: 'two with one MAC address',
    set: async (bench) => {
      await bench.inside('third', `ip link set eth0 address ${await macOf(bench, 'web')}`);
      await bench.inside('third', 'ping -c1 -W1 172.18.0.1 || true');
    },
    undo: (bench) => again(bench, 'third'),
    ...{ ...onBridge, code: 'duplicate-address', says: /third/ },
  },
  {
    name: 'a smaller MTU beyond the host, and no message of it',
    set: ({ outside }) => outside('ip link set up1 mtu 1200'),
    undo: ({ outside }) => outside('ip link set up1 mtu 1500'),
    ...{ ask: ['db', 'outside:198.51.100.1'], code: 'mtu', says: /1500 bytes/ },
  },
  {
    name: 'forwarding is off for one link',
    set: ({ host }) => host('sysctl -qw net.ipv4.conf.up0.forwarding=0'),
    undo: ({ host }) => host('sysctl -qw net.ipv4.conf.up0.forwarding=1'),
    ...{ ask: ['outside', 'web:80'], code: 'forwarding-off', says: /up0/ },
  },
  {
    name: 'a rule for routes sends a network elsewhere',
    set: ({ host }) =>
      host(
        'ip link add tun9 type bridge; ip link set tun9 up; ip route add default dev tun9 table 66; ip rule add from 172.18.0.0/16 lookup 66 pref 66',
      ),
    undo: ({ host }) => host('ip rule del pref 66; ip link delete tun9'),
    ...{ ask: ['db', 'outside:198.51.100.1'], code: 'subnet-hidden', says: /tun9/ },
  },
  {
    name: 'a rule for routes that prohibits a network',
    set: ({ host }) => host('ip rule add from 172.18.0.0/16 prohibit pref 66'),
    undo: ({ host }) => host('ip rule del pref 66'),
    ...{ ask: ['db', 'outside:198.51.100.1'], code: 'subnet-hidden', says: /prohibit/ },
  },
  {
    name: "a VPN's route in a table of its own",
    set: ({ host }) =>
      host(
        'ip link add tun9 type bridge; ip link set tun9 up; ip route add 172.16.0.0/12 dev tun9 table 77; ip rule add lookup 77 pref 77',
      ),
    undo: ({ host }) => host('ip rule del pref 77; ip link delete tun9'),
    ...{ ask: ['outside', 'web:80'], code: 'subnet-hidden', says: /tun9/ },
  },
  {
    name: 'the uplink has no carrier',
    set: ({ outside }) => outside('ip link set up1 down'),
    undo: ({ outside }) => outside('ip link set up1 up; ip address add 2001:db8:51::1/64 dev up1 nodad'),
    ...{ ask: ['db', 'outside:198.51.100.1'], code: 'link-down', says: /up0/ },
  },
  {
    name: 'the next hop does not answer',
    set: ({ outside }) => outside('ip link set up1 arp off'),
    undo: ({ outside }) => outside('ip link set up1 arp on'),
    ...{ ask: ['db', 'outside:198.51.100.77'], code: 'no-neighbour', says: /198\.51\.100\.77/ },
  },
];
