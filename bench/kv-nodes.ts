/**
 * Many hosts on one store, records only: each client follows all endpoints of all networks, and all endpoints are replaced. At the
 * end every client knows the same as the store.
 *
 *     node_modules/.bin/node bench/kv-nodes.ts etcd://127.0.0.1:2379 [NODES] [ENDPOINTS] [NETWORKS]
 */
import { performance } from 'node:perf_hooks';
import type { Changes, Entry, Kv, Snapshot } from '../src/kv/kv.ts';
import { openKv } from '../src/kv/open.ts';
import { parseSource } from '../src/kv/source.ts';

const [url = '', ...counts] = process.argv.slice(2);
const [nodes = 25, endpoints = 8_500, networks = 200] = counts.map(Number);
/** Keys of a transaction: an endpoint and its address, taken away and put. */
const atOnce = 16;

const record = (index: number, round: number): string =>
  JSON.stringify({
    format: 1,
    node: `node-${index % nodes}`,
    address: `10.${index % networks}.${(index >> 8) & 255}.${index & 255}/16`,
    mac: '02:42:0a:00:00:01',
    names: [`task-${index}-${round}`, `service-${index % 500}`],
    filler: 'x'.repeat(700),
  });
const endpointKey = (index: number, round: number): string =>
  `endpoints/n${index % networks}/e${index}-${round}`;
const addressKey = (index: number): string => `addresses/n${index % networks}/${index}`;

class Node {
  readonly known = new Map<string, number>();
  readonly kv: Kv;
  bytes = 0;

  constructor(kv: Kv) {
    this.kv = kv;
  }

  async follow(signal: AbortSignal): Promise<void> {
    for await (const one of this.kv.watch('', { signal })) this.#take(one);
  }

  #take(one: Snapshot | Changes): void {
    if (one.kind === 'snapshot') this.known.clear();
    for (const { key, revision, value } of one.kind === 'snapshot' ? one.entries : one.put) {
      this.known.set(key, revision);
      this.bytes += key.length + value.length;
    }
    if (one.kind === 'changes') for (const key of one.removed) this.known.delete(key);
  }

  equals(entries: readonly Entry[]): boolean {
    return (
      entries.length === this.known.size && entries.every((one) => this.known.get(one.key) === one.revision)
    );
  }
}

/** Each node replaces its own endpoints. */
async function replace(node: Node, { from, round }: { from: number; round: number }): Promise<void> {
  const own = Array.from({ length: Math.ceil(endpoints / nodes) }, (_, turn) => from + turn * nodes);
  const mine = own.filter((index) => index < endpoints);
  for (let at = 0; at < mine.length; at += atOnce) {
    const some = mine.slice(at, at + atOnce);
    await node.kv.transact(
      {
        put: some.flatMap((index) => [
          { key: endpointKey(index, round), value: record(index, round) },
          { key: addressKey(index), value: endpointKey(index, round) },
        ]),
        remove: round === 0 ? [] : some.map((index) => endpointKey(index, round - 1)),
      },
      { deadline: 60_000 },
    );
  }
}

async function settle(all: readonly Node[]): Promise<number> {
  const began = performance.now();
  const { entries } = (await all[0]?.kv.range('', { deadline: 60_000 })) ?? { entries: [] };
  while (!all.every((node) => node.equals(entries))) {
    if (performance.now() - began > 120_000) throw new Error('the nodes do not agree with the store');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return performance.now() - began;
}

const source = parseSource(url);
const all = await Promise.all(
  Array.from({ length: nodes }, async () => new Node(await openKv(source, { folder: 'seaway-bench-nodes' }))),
);
const stop = new AbortController();
const following = all.map((node) => node.follow(stop.signal));
for (const round of [0, 1, 2]) {
  const before = all.reduce((sum, { bytes }) => sum + bytes, 0);
  const began = performance.now();
  await Promise.all(all.map((node, from) => replace(node, { from, round })));
  const written = (performance.now() - began) / 1000;
  const settled = await settle(all);
  const traffic = (all.reduce((sum, { bytes }) => sum + bytes, 0) - before) / nodes / 1e6;
  const rss = Math.round(process.memoryUsage().rss / 1e6);
  console.log(
    `${round === 0 ? 'made' : 'replaced'} ${endpoints}: written in ${written.toFixed(1)} s, all ${nodes} agree ` +
      `${Math.round(settled)} ms later; ${traffic.toFixed(1)} MB told to each; ${rss} MB for all`,
  );
}
stop.abort();
await Promise.all(following);
const [first] = all;
const keys = (await first?.kv.range('', { deadline: 60_000 }))?.entries.map(({ key }) => key) ?? [];
for (let at = 0; at < keys.length; at += 64) await first?.kv.transact({ remove: keys.slice(at, at + 64) });
await Promise.all(all.map(({ kv }) => kv.close()));
