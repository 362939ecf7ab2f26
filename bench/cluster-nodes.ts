/**
 * Many hosts on one store, each a process with all that an engine has of records (`cluster/node.ts`): all endpoints are replaced, some
 * hosts are cut off for a while, and at the end all hosts know the same as those that have the endpoints.
 *
 *     node_modules/.bin/node bench/cluster-nodes.ts etcd://127.0.0.1:2379 [NODES] [ENDPOINTS] [NETWORKS] [SECONDS OF THE CUT] [stall] [HOSTS CUT OFF]
 *
 * While hosts are cut off their new connections end at once; with `stall` they are taken, and nothing is ever passed on by them.
 */
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { Peer } from '../src/model/peer.ts';
import { buildHosts, Node } from './cluster/host.ts';
import { type Agreed, type Cost, commonOf, type Order, truthOf, type Wanted } from './cluster/plan.ts';

const [url = '', ...counts] = process.argv.slice(2);
const [nodes = 25, endpoints = 8_500, networks = 200, cut = 60] = counts.slice(0, 4).map(Number);
const cutHosts = Number(counts[5] ?? Math.ceil(nodes / 5));
if (url === '') throw new Error('the URL of a store is needed');
const way = { url, stalls: counts[4] === 'stall' };
await buildHosts();

const all = Array.from({ length: nodes }, (_, number) => new Node(number, way));

/** What each host must know, of what those say that have it. */
async function truth(): Promise<readonly Wanted[]> {
  const owned = await Promise.all(all.map((node) => node.ask<readonly Peer[]>({ order: 'own' })));
  const revisions = await Promise.all(all.map((node) => node.ask<number>({ order: 'revision' })));
  const whole = { owned: owned.flat(), revision: Math.max(...revisions) };
  const common = commonOf(whole.owned);
  return all.map(({ number }) => truthOf(number, { ...whole, common }));
}

const mean = (numbers: readonly number[]): string =>
  (numbers.reduce((sum, one) => sum + one, 0) / numbers.length).toFixed(1);
const traffic = (): number => all.reduce((sum, { relay }) => sum + relay.bytes, 0) / nodes / 1e6;
const ofHost = Math.round(endpoints / nodes);
const replacing = (round: number): Order => ({ order: 'replace', networks, round, count: ofHost });

/** Until these hosts have what is wanted: the longest time since then in milliseconds, and the processor time of each. */
async function agree(hosts: readonly Node[], wanted: readonly Wanted[], since: number) {
  const none: Wanted = { revision: 0, members: '', planned: '', names: '' };
  const agreed = await Promise.all(
    hosts.map((node) => node.ask<Agreed>({ order: 'until', wanted: wanted[node.number] ?? none })),
  );
  const later = Math.max(...agreed.map(({ at }) => at)) - since;
  return { later, processor: agreed.map((one) => one.processor.toFixed(2)).join(' ') };
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
  const { later } = await agree(all, await truth(), written);
  const seconds = ((written - began) / 1000).toFixed(1);
  await tell(
    `${what} in ${seconds} s, all agree ${later} ms later, ${(traffic() - before).toFixed(1)} MB each`,
  );
}

/** Some hosts hear nothing while all others replace their endpoints. */
async function cutOff(): Promise<void> {
  const lost = all.slice(0, cutHosts);
  const others = all.slice(cutHosts);
  for (const { relay } of lost) relay.silence(true);
  const began = performance.now();
  await Promise.all(others.map((node) => node.ask(replacing(2))));
  const written = Date.now();
  const wanted = await truth();
  const { later: meanwhile } = await agree(others, wanted, written);
  await delay(Math.max(0, cut * 1000 - (performance.now() - began)));
  for (const { relay } of lost) relay.silence(false);
  const { later, processor } = await agree(lost, wanted, Date.now());
  await tell(
    `${lost.length} hosts cut off for ${cut} s, meanwhile all others replaced, and agreed ${meanwhile} ms later: these agree ${later} ms after, with ${processor} s of processor time each`,
  );
}

for (const node of all) await node.begin();
await tell('at the start');
await all[0]?.ask({ order: 'networks', count: networks });
const quarter: Order = { order: 'replace', networks, round: 0, count: ofHost / 4, more: true };
for (const part of [1, 2, 3, 4]) await everywhere(`quarter ${part}`, quarter);
await everywhere('all replaced', replacing(1));
if (cut > 0) await cutOff();
const late = new Node(nodes, way);
const began = await late.begin();
const { longest, count } = await late.ask<Cost>({ order: 'cost' });
console.log(
  `a host more has read ${count} endpoints after ${began.toFixed(0)} ms, longest turn ${longest} ms`,
);
for (const node of [...all, late]) await node.end();
