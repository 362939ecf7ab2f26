/** Bridges and containers of a rig, for what the firewall promises: made by iproute2, rules by us. */
import { spawnSync } from 'node:child_process';
import { expect } from 'vitest';
import type { FirewallInput } from '../../src/firewall/input.ts';
import { diffFirewall, removeFirewall } from '../../src/firewall/iptables/diff.ts';
import { tableOf } from '../../src/firewall/nftables/sets.ts';
import { elementsText, skeletonText } from '../../src/firewall/nftables/text.ts';
import { planFirewall } from '../../src/firewall/plan.ts';
import { planUserChain } from '../../src/firewall/user-chain.ts';
import type { Family } from '../../src/net/family.ts';
import type { Rig } from './rig.ts';

/** Which of the two programs of that name: they have their own rules in one kernel. */
export type Variant = 'nft' | 'legacy';

export interface Bed {
  readonly rig: Rig;
  readonly variant: Variant;
  /** The rules are in nftables; iptables has the user's chain only. */
  readonly nftables?: boolean;
  owned: readonly string[];
}

const program = ({ variant }: Bed, family: Family, verb: string): string =>
  `${family === 4 ? 'iptables' : 'ip6tables'}-${variant}${verb === '' ? '' : `-${verb}`}`;

export const save = (bed: Bed, family: Family): string => bed.rig.run('host', program(bed, family, 'save'));

/** `iptables ARGUMENTS` on the host, as a user would. */
export const iptables = (bed: Bed, family: Family, ...args: readonly string[]): string =>
  bed.rig.run('host', program(bed, family, ''), '-w', ...args);

/** Whether the kernel has that variant at all. */
export function works(bed: Bed): boolean {
  const args = [`--net=${bed.rig.host}`, program(bed, 4, ''), '-t', 'raw', '-S'];
  return spawnSync('nsenter', args).status === 0;
}

export function restore(bed: Bed, family: Family, script: string): void {
  const args = [`--net=${bed.rig.host}`, program(bed, family, 'restore'), '--noflush', '--wait'];
  const done = spawnSync('nsenter', args, { input: script, encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`${done.stderr}\n${script}`);
}

/** Plans, diffs and applies; afterwards the same diff must be empty. Gives the script. */
export function converge(bed: Bed, input: FirewallInput, family: Family = 4): string {
  const ruleset = (bed.nftables ? planUserChain : planFirewall)(input, family);
  if (bed.nftables) fillTable(bed, input, family);
  const { script, owned } = diffFirewall(ruleset, save(bed, family), bed.owned);
  if (script !== undefined) restore(bed, family, script);
  bed.owned = owned;
  expect(diffFirewall(ruleset, save(bed, family), owned).script).toBeUndefined();
  return script ?? '';
}

/** As a whole; how the engine gets there from what there is is tried in packet-filter.test.ts. */
function fillTable({ rig }: Bed, input: FirewallInput, family: Family): void {
  const table = tableOf(family);
  const script = `table ${table} { }\ndelete table ${table}\n${skeletonText(input, family)}${elementsText(input, family)}`;
  const done = spawnSync('nsenter', [`--net=${rig.host}`, 'nft', '-f', '-'], {
    input: script,
    encoding: 'utf8',
  });
  if (done.status !== 0) throw new Error(`${done.stderr}\n${script}`);
}

export function clear(bed: Bed, family: Family = 4): void {
  const { script } = removeFirewall(family, save(bed, family), bed.owned);
  if (script !== undefined) restore(bed, family, script);
  bed.owned = [];
  expect(removeFirewall(family, save(bed, family), []).script).toBeUndefined();
}

/** A bridge with an address, set up as the bridge driver does it. */
export function addBridge({ rig }: Bed, link: string, addresses: readonly string[]): void {
  rig.run('host', 'ip', 'link', 'add', link, 'type', 'bridge');
  for (const address of addresses) {
    const nodad = address.includes(':') ? ['nodad'] : [];
    rig.run('host', 'ip', 'addr', 'add', address, 'dev', link, ...nodad);
  }
  rig.run('host', 'ip', 'link', 'set', link, 'up');
  rig.run('host', 'sysctl', '-qw', `net.ipv4.conf.${link}.route_localnet=1`, 'net.ipv4.ip_forward=1');
  rig.run('host', 'sysctl', '-qw', 'net.ipv6.conf.all.forwarding=1');
}

/** A namespace on a bridge, its path; it serves its own name by HTTP on port 80. */
export function addContainer({ rig }: Bed, name: string, link: string, addresses: readonly string[]): string {
  const path = rig.path(name);
  const namespace = path.split('/').at(-1) ?? '';
  spawnSync('ip', ['netns', 'add', namespace]);
  rig.run(
    'host',
    'ip',
    'link',
    'add',
    `v-${name}`,
    'type',
    'veth',
    'peer',
    'name',
    'eth0',
    'netns',
    namespace,
  );
  rig.run('host', 'ip', 'link', 'set', `v-${name}`, 'master', link, 'up');
  rig.run('host', 'ip', 'link', 'set', `v-${name}`, 'type', 'bridge_slave', 'hairpin', 'on');
  rig.run(path, 'ip', 'link', 'set', 'lo', 'up');
  rig.run(path, 'ip', 'link', 'set', 'eth0', 'up');
  for (const address of addresses) {
    const six = address.includes(':');
    rig.run(path, 'ip', 'addr', 'add', address, 'dev', 'eth0', ...(six ? ['nodad'] : []));
    const gateway = address.replace(/[0-9a-f]+\/[0-9]+$/, '1');
    rig.run(path, 'ip', 'route', 'add', 'default', 'via', gateway);
  }
  rig.start(path, process.execPath, '-e', server(name));
  return path;
}

/** Answers HTTP on TCP port 80 and one datagram on UDP port 80: its name and who asks. */
const server = (name: string): string => `
  require('node:http').createServer((q, a) => a.end('${name} ' + q.socket.remoteAddress)).listen(80, '::');
  const udp = require('node:dgram').createSocket('udp6');
  udp.on('message', (m, from) => udp.send('${name} ' + from.address, from.port, from.address)).bind(80);
`;

// The kernel connects by itself; what is connected is waited for longer, as programs may be slow. An event that has come
// with the timer is seen before the immediate.
const ask = `
  const [, protocol, host, port] = process.argv;
  const end = (text) => { console.log(text); process.exit(0); };
  let isConnected = false;
  setTimeout(() => setImmediate(() => isConnected || end('no answer')), 700);
  setTimeout(() => end('no answer'), 20_000);
  if (protocol === 'udp') {
    const socket = require('node:dgram').createSocket(host.includes(':') ? 'udp6' : 'udp4');
    socket.on('message', (text) => end(text.toString())).on('error', () => end('no answer'));
    socket.send('?', Number(port), host);
  } else require('node:http').get({ host, port, agent: false }, (answer) =>
    answer.setEncoding('utf8').on('data', end)).on('error', () => end('no answer'))
    .on('socket', (socket) => socket.on('connect', () => { isConnected = true; }));
`;

/** What a client in that place hears from there: `name address-of-the-client-as-seen`, or `no answer`. */
export function hears({ rig }: Bed, where: string, host: string, port = 80, protocol = 'tcp'): string {
  const said = rig.run(where, process.execPath, '-e', ask, protocol, host, String(port)).trim();
  return said.replace('::ffff:', '');
}
