/**
 * Many hosts on one store, each a process with all that an engine has of records (`cluster/node.ts`): all endpoints are replaced, some
 * hosts are cut off for a while, and at the end all hosts know the same as those that have the endpoints.
 *
 *     node_modules/.bin/node bench/cluster-nodes.ts etcd://127.0.0.1:2379 [NODES] [ENDPOINTS] [NETWORKS] [SECONDS OF THE CUT] [stall]
 *
 * While hosts are cut off their new connections end at once; with `stall` they are taken, and nothing is ever passed on by them.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { connect, createServer, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { parseSource } from '../src/kv/source.ts';
import type { Peer } from '../src/model/peer.ts';
import { bare } from '../src/net/address.ts';
import { type Cost, dataAddress, digest, hexId, type Order, type Wanted } from './cluster/plan.ts';

const [url = '', ...counts] = process.argv.slice(2);
const [nodes = 25, endpoints = 8_500, networks = 200, cut = 60] = counts.slice(0, 4).map(Number);
const stalls = counts[4] === 'stall';
const [server] = parseSource(url).addresses;
if (!server) throw new Error('the URL of a store is needed');
/** A connection that counts what the store tells a host, and that can be cut. */
class Relay {
  bytes = 0;
  #silent = false;
  readonly #sockets = new Set<Socket>();
  readonly #listener = createServer((near) => this.#serve(near));

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#listener.listen(0, '127.0.0.1', resolve));
    const place = this.#listener.address();
    return typeof place === 'object' && place ? place.port : 0;
  }

  #serve(near: Socket): void {
    if (this.#silent) {
      near.on('error', () => undefined);
      if (!stalls) near.destroy();
      return;
    }
    const far = connect({ host: server?.host ?? '', port: server?.port ?? 0 });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from);
      from.on('data', (data) => {
        this.bytes += data.length;
        to.write(data);
      });
      from.on('error', () => undefined);
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    }
  }

  /** Nothing passes, also of what is open. */
  silence(silent: boolean): void {
    this.#silent = silent;
    for (const socket of this.#sockets) silent || stalls ? socket.pause() : socket.resume();
  }

  close(): void {
    this.#listener.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** A bundle, as an engine's: 25 processes would not load the source at once. */
const program = fileURLToPath(new URL('../.cache/bench-node.js', import.meta.url));
await build({
  entryPoints: [fileURLToPath(new URL('cluster/node.ts', import.meta.url))],
  ...{ outfile: program, bundle: true, platform: 'node', format: 'esm', external: ['koffi', 'lmdb'] },
  // some dependencies are CommonJS and call require for Node's own modules
  banner: {
    js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
  },
});

class Node {
  readonly number: number;
  readonly relay = new Relay();
  readonly #child: ChildProcess;

  constructor(number: number) {
    this.number = number;
    // the engine's own flags
    const execArgv = ['--max-semi-space-size=1', '--expose-gc'];
    this.#child = fork(program, { execArgv });
  }

  ask<T>(order: Order): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#child.once('message', ({ answer, error }: { answer: T; error?: string }) =>
        error === undefined ? resolve(answer) : reject(new Error(error)),
      );
      this.#child.send(order);
    });
  }

  async begin(): Promise<number> {
    const port = await this.relay.listen();
    return this.ask<number>({
      order: 'begin',
      url: url.replace(/\/\/[^/]*/, `//127.0.0.1:${port}`),
      number: this.number,
    });
  }

  async end(): Promise<void> {
    await this.ask({ order: 'end' });
    this.relay.close();
  }
}

const all = Array.from({ length: nodes }, (_, number) => new Node(number));

/** What each host must know, of what those say that have it. */
async function truth(): Promise<readonly Wanted[]> {
  const owned = await Promise.all(all.map((node) => node.ask<readonly Peer[]>({ order: 'own' })));
  const everybody = owned.flat();
  const line = ({ id, networkId, nodeId, mac, addresses, name }: Peer): string =>
    [id, networkId, nodeId, mac, addresses.join(), name].join(' ');
  const members = digest(everybody.map(line));
  const names = digest(everybody.map(({ id, addresses: [first = ''] }) => `${id} ${id} ${bare(first)}`));
  const byNode = new Map(all.map(({ number }) => [hexId(`node${number}`), dataAddress(number)]));
  return all.map(({ number }) => {
    const on = new Set(owned[number]?.map(({ networkId }) => networkId));
    const others = everybody.filter((one) => on.has(one.networkId) && one.nodeId !== hexId(`node${number}`));
    const planned = others.flatMap(({ networkId, mac, nodeId, addresses }) => [
      `network:${networkId} ${mac} ${byNode.get(nodeId)}`,
      ...addresses.map((address) => `network:${networkId} ${bare(address)} ${mac}`),
    ]);
    return { members, names, planned: digest(planned) };
  });
}

const mean = (numbers: readonly number[]): string =>
  (numbers.reduce((sum, one) => sum + one, 0) / numbers.length).toFixed(1);
const traffic = (): number => all.reduce((sum, { relay }) => sum + relay.bytes, 0) / nodes / 1e6;
const ofHost = Math.round(endpoints / nodes);
const replacing = (round: number): Order => ({ order: 'replace', networks, round, count: ofHost });

/** Until every host has what is wanted: the longest time since then, in milliseconds. */
async function agree(wanted: readonly Wanted[], since: number): Promise<number> {
  const none: Wanted = { members: '', planned: '', names: '' };
  const at = await Promise.all(
    all.map((node, index) => node.ask<number>({ order: 'until', wanted: wanted[index] ?? none })),
  );
  return Math.max(...at) - since;
}

async function tell(what: string): Promise<void> {
  const costs = await Promise.all(all.map((node) => node.ask<Cost>({ order: 'cost' })));
  const [heap, rss] = [mean(costs.map((one) => one.heap)), mean(costs.map((one) => one.rss))];
  const longest = Math.max(...costs.map((one) => one.longest));
  console.log(
    `${what}; ${costs[0]?.count} endpoints, ${costs.reduce((sum, one) => sum + one.again, 0)} tried again: heap ${heap} MB, resident ${rss} MB, longest turn ${longest} ms`,
  );
}

async function everywhere(what: string, order: Order): Promise<void> {
  const [before, began] = [traffic(), Date.now()];
  await Promise.all(all.map((node) => node.ask(order)));
  const written = Date.now();
  const later = await agree(await truth(), written);
  const seconds = ((written - began) / 1000).toFixed(1);
  await tell(
    `${what} in ${seconds} s, all agree ${later} ms later, ${(traffic() - before).toFixed(1)} MB each`,
  );
}

/** Some hosts hear nothing while all others replace their endpoints. */
async function cutOff(): Promise<void> {
  const lost = all.slice(0, Math.ceil(nodes / 5));
  for (const { relay } of lost) relay.silence(true);
  const began = performance.now();
  await Promise.all(all.slice(lost.length).map((node) => node.ask(replacing(2))));
  const wanted = await truth();
  await delay(Math.max(0, cut * 1000 - (performance.now() - began)));
  for (const { relay } of lost) relay.silence(false);
  const later = await agree(wanted, Date.now());
  await tell(
    `${lost.length} hosts cut off for ${cut} s, meanwhile all others replaced: all agree ${later} ms after`,
  );
}

for (const node of all) await node.begin();
await tell('at the start');
await all[0]?.ask({ order: 'networks', count: networks });
const quarter: Order = { order: 'replace', networks, round: 0, count: ofHost / 4, more: true };
for (const part of [1, 2, 3, 4]) await everywhere(`quarter ${part}`, quarter);
await everywhere('all replaced', replacing(1));
if (cut > 0) await cutOff();
const late = new Node(nodes);
const began = await late.begin();
const { longest, count } = await late.ask<Cost>({ order: 'cost' });
console.log(
  `a host more has read ${count} endpoints after ${began.toFixed(0)} ms, longest turn ${longest} ms`,
);
for (const node of [...all, late]) await node.end();
