/** Whatever an engine may change on its host, each in a line: rules, links, addresses, routes, queues, settings, files. */
import { globSync, readdirSync } from 'node:fs';
import type { TestEngine } from './engine.ts';
import { leftovers } from './leftovers.ts';

/** Settings that the kernel itself changes. */
const counts =
  /\/(nf_conntrack_count|nf_conntrack_max|nf_conntrack_buckets|stable_secret|base_reachable_time|mtu):/;

const withoutCounts = (line: string): string =>
  line
    .replace(/\[\d+:\d+\]/, '')
    .replace(/counter packets \d+ bytes \d+/, 'counter')
    .replace(/"\w+_timer":[\d.]+,?/g, '');

/** What a program of the host prints, without comments and counts. */
export const linesOf = ({ rig }: TestEngine, ...command: readonly string[]): readonly string[] =>
  rig
    .run('host', ...command)
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .map((line) => `${command[0]} ${withoutCounts(line)}`);

export function machine(engine: TestEngine): readonly string[] {
  const { rig, folder, signs } = engine;
  const shown = (...args: string[]): string[] =>
    rig.ip('host', ...args).map((one) => withoutCounts(`${args} ${JSON.stringify(one)}`));
  const settings = ['ipv4', 'ipv6', 'bridge', 'netfilter'].map((name) => `/proc/sys/net/${name}`);
  return [
    ...linesOf(engine, 'iptables-save'),
    ...linesOf(engine, 'ip6tables-save'),
    ...linesOf(engine, 'nft', 'list', 'ruleset'),
    ...[shown('link'), shown('addr'), shown('route', 'show', 'table', 'all')].flat(),
    ...shown('-6', 'route', 'show', 'table', 'all'),
    ...[shown('rule'), shown('-6', 'rule')].flat(),
    ...linesOf(engine, 'tc', 'qdisc', 'show'),
    ...linesOf(engine, 'sh', '-c', `grep -rs . ${settings.join(' ')}; true`).filter(
      (line) => !counts.test(line),
    ),
    ...readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
      (name) => !/^(log|client|tmp)/.test(name),
    ),
    ...globSync('/run/netns/*').filter((path) => path.includes('stranger')),
    ...leftovers({ ...signs, namespaces: [] }),
  ];
}
