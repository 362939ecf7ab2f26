/**
 * Throughput and latency between two hosts, by the bare network and by overlay networks of engines: one stream of iperf3, and
 * pings. Samples of all are taken in turn.
 *
 *     node_modules/.bin/node bench/overlay.ts NAME=WHERE... [SAMPLES]
 *
 * WHERE is SOCKET,SOCKET of the engines of two hosts, in one cluster or swarm, or NETNS,NETNS,ADDRESS of two hosts and an
 * address of the first one. Needs root, docker, iperf3, busybox and nsenter; the engines need an image `busybox`.
 */
import { execFileSync, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/** Two network namespaces, and an address of the first one. */
interface Pair {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly address: string;
}

interface Sample {
  /** Of what arrived, Gbit/s. */
  readonly rate: number;
  /** Mean of a round, milliseconds. */
  readonly round: number;
}

const seconds = 4;
const [network, container] = ['bench-overlay', 'bench-overlay'];

const docker = (socket: string, ...args: readonly string[]): string =>
  execFileSync('docker', ['-H', `unix://${socket}`, ...args], { encoding: 'utf8' }).trim();

async function patiently<T>(what: () => T): Promise<T> {
  for (let attempt = 1; ; attempt++)
    try {
      return what();
    } catch (error) {
      if (attempt === 50) throw error;
      await sleep(200);
    }
}

/** A container on each host, on one overlay network. */
async function openEngines(name: string, sockets: readonly [string, string]): Promise<Pair> {
  const [first, second] = sockets;
  docker(first, 'network', 'create', '-d', 'overlay', '--attachable', network);
  const run = ['run', '-d', '--name', container, '--network', network, 'busybox', 'sleep', '86400'];
  for (const socket of sockets)
    await patiently(() => {
      // what a failed start has left
      docker(socket, 'rm', '-f', container);
      docker(socket, ...run);
    });
  const placeOf = (socket: string): string =>
    `/proc/${docker(socket, 'inspect', '-f', '{{.State.Pid}}', container)}/ns/net`;
  const address = docker(
    first,
    'inspect',
    '-f',
    `{{(index .NetworkSettings.Networks "${network}").IPAddress}}`,
    container,
  );
  return { name, to: placeOf(first), from: placeOf(second), address };
}

async function closeEngines([first, second]: readonly [string, string]): Promise<void> {
  for (const socket of [second, first]) docker(socket, 'rm', '-f', container);
  // a swarm hears of it a moment later
  await patiently(() => docker(first, 'network', 'rm', network));
}

const inside = (place: string, ...command: readonly string[]): readonly string[] => [
  `--net=${place}`,
  ...command,
];

/** From a report of iperf3; Gbit/s. */
function rateIn(report: string): number {
  const { error, end } = JSON.parse(report) as {
    error?: string;
    end?: { sum_received?: { bits_per_second: number } };
  };
  if (!end?.sum_received) throw new Error(`iperf3: ${error ?? 'no result'}`);
  return end.sum_received.bits_per_second / 1e9;
}

async function sample({ from, to, address }: Pair): Promise<Sample> {
  const server = spawn('nsenter', inside(to, 'iperf3', '-s', '-1', '-B', address), { stdio: 'ignore' });
  const client = inside(from, 'iperf3', '-J', '-c', address, '-t', String(seconds));
  const rate = await patiently(() => rateIn(execFileSync('nsenter', [...client], { encoding: 'utf8' })));
  // it ends by itself, if it notices
  server.kill();
  const pings = inside(from, 'busybox', 'ping', '-q', '-i', '0.01', '-c', '200', address);
  const said = execFileSync('nsenter', [...pings], { encoding: 'utf8' });
  const [, round = 'NaN'] = /= [\d.]+\/([\d.]+)\//.exec(said) ?? [];
  return { rate, round: Number(round) };
}

function range(values: readonly number[], digits: number): string {
  const sorted = values.toSorted((a, b) => a - b).map((value) => value.toFixed(digits));
  return `${sorted[Math.floor(sorted.length / 2)]} (${sorted[0]} to ${sorted.at(-1)})`;
}

const args = process.argv.slice(2);
const subjects = args.filter((arg) => arg.includes('=')).map((arg) => arg.split('=', 2));
const samples = Number(args.find((arg) => /^\d+$/.test(arg)) ?? 5);
const engines: (readonly [string, string])[] = [];
try {
  const pairs: Pair[] = [];
  for (const [name = '', where = ''] of subjects) {
    const [first = '', second = '', address] = where.split(',');
    if (address !== undefined) pairs.push({ name, to: first, from: second, address });
    else {
      engines.push([first, second]);
      pairs.push(await openEngines(name, [first, second]));
    }
  }
  const taken = new Map<string, Sample[]>(pairs.map(({ name }) => [name, []]));
  // the first round is not counted: neighbours are looked for, tables grow
  for (let turn = 0; turn <= samples; turn++)
    for (const pair of pairs) {
      const one = await sample(pair);
      console.error(`${turn} ${pair.name}: ${one.rate.toFixed(1)} Gbit/s, ${one.round} ms`);
      if (turn > 0) taken.get(pair.name)?.push(one);
    }
  console.log(`| | Gbit/s: median (least to most) of ${samples} | ms a round |\n| - | - | - |`);
  for (const [name, all] of taken) {
    const [rates, rounds] = [all.map(({ rate }) => rate), all.map(({ round }) => round)];
    console.log(`| ${name} | ${range(rates, 1)} | ${range(rounds, 3)} |`);
  }
} finally {
  for (const pair of engines) await closeEngines(pair);
}
