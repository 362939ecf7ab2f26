/** Differences that `seaway doctor` must find and cure, on the surroundings of the faults. */
import { unlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { FindingCode } from '../../../src/doctor/finding.ts';
import { type Bench, bridgeOf, portOf } from './bench.ts';

export interface Ailment {
  readonly name: string;
  readonly set: (bench: Bench) => Promise<unknown>;
  /** Absent: the engine heals it by itself, perhaps before it is found. */
  readonly code?: FindingCode;
}

const inspect = (bench: Bench, format: string, what: string): Promise<string> =>
  bench.engine.docker('inspect', '-f', format, what);

const inWeb =
  (command: string): Ailment['set'] =>
  ({ inside }) =>
    inside('web', command);
const onHost =
  (command: string): Ailment['set'] =>
  ({ host }) =>
    host(command);
const onBridge =
  (command: (bridge: string) => string): Ailment['set'] =>
  async (bench) =>
    bench.host(command(await bridgeOf(bench)));
const onPort =
  (command: (port: string) => string): Ailment['set'] =>
  async (bench) =>
    bench.host(command(await portOf(bench, 'web')));

export const ailments: readonly Ailment[] = [
  { name: 'a container without its address', set: inWeb('ip address flush dev eth0'), code: 'differs' },
  { name: 'a container without its default route', set: inWeb('ip route delete default'), code: 'differs' },
  {
    name: 'a route that leads elsewhere',
    set: inWeb('ip route replace default via 172.18.0.77 proto 94'),
    code: 'differs',
  },
  { name: "a container's link that is down", set: inWeb('ip link set eth0 down'), code: 'differs' },
  { name: "another MTU of a container's link", set: inWeb('ip link set eth0 mtu 1200'), code: 'differs' },
  { name: 'another MAC address', set: inWeb('ip link set eth0 address 02:00:00:00:00:99'), code: 'differs' },
  { name: 'loopback that is down', set: inWeb('ip link set lo down'), code: 'differs' },
  {
    name: 'IPv6 switched on where the network has none',
    ...{ set: inWeb('sysctl -qw net.ipv6.conf.eth0.disable_ipv6=0'), code: 'differs' },
  },
  { name: 'the way to the resolver', set: inWeb('nft flush ruleset'), code: 'resolver-silent' },
  {
    name: 'a missing hosts file',
    set: async (bench) => {
      const id = await inspect(bench, '{{.Id}}', 'web');
      unlinkSync(join(bench.engine.folder, 'data/containers', id, 'hosts'));
    },
    code: 'file-missing',
  },
  {
    name: 'a bridge that no record wants',
    set: onHost(
      'ip link add br-0123456789ab type bridge; ip link set br-0123456789ab alias seaway:network:0123456789ab',
    ),
    code: 'stray',
  },
  {
    name: 'a namespace that no record wants',
    set: ({ engine, host }) => host(`touch ${join(engine.folder, 'run/netns/stray')}`),
    code: 'stray',
  },
  {
    name: 'loopback addresses are not routed any more',
    set: onBridge((bridge) => `sysctl -qw net.ipv4.conf.${bridge}.route_localnet=0`),
  },
  { name: 'no forwarding', set: onHost('sysctl -qw net.ipv4.ip_forward=0') },
  { name: 'a bridge that is down', set: onBridge((bridge) => `ip link set ${bridge} down`) },
  { name: 'a bridge without its address', set: onBridge((bridge) => `ip address flush dev ${bridge}`) },
  { name: 'a port outside of its bridge', set: onPort((port) => `ip link set ${port} nomaster`) },
  { name: 'a port that is down', set: onPort((port) => `ip link set ${port} down`) },
  { name: 'a port without hairpin', set: onPort((port) => `bridge link set dev ${port} hairpin off`) },
  { name: 'no rules of filter', set: onHost('iptables -F') },
  { name: 'no rules of nat', set: onHost('iptables -t nat -F DOCKER') },
  { name: 'a rule of the engine less', set: onHost('iptables -D DOCKER-FORWARD 1') },
];
