/**
 * How fast a key-value store is behind `src/kv`: until a client is told what another has put, and how many transactions
 * it does.
 *
 *     node_modules/.bin/node bench/kv.ts etcd://127.0.0.1:2379
 */
import { performance } from 'node:perf_hooks';
import type { Kv } from '../src/kv/kv.ts';
import { openKv } from '../src/kv/open.ts';
import { parseSource } from '../src/kv/source.ts';

const [puts, seconds] = [500, 3];
const value = JSON.stringify({ address: '10.0.0.1/24', mac: '02:42:0a:00:00:01', name: 'x'.repeat(200) });

const at = (sorted: readonly number[], part: number): string =>
  `${(sorted[Math.floor((sorted.length - 1) * part)] ?? Number.NaN).toFixed(1)} ms`;

/** From before a transaction until another client is told of it. */
async function latency(writer: Kv, reader: Kv): Promise<void> {
  const stop = new AbortController();
  const told = new Map<string, (now: number) => void>();
  const begun = Promise.withResolvers<void>();
  const follow = async (): Promise<void> => {
    for await (const one of reader.watch('latency', { signal: stop.signal })) {
      const now = performance.now();
      if (one.kind === 'snapshot') begun.resolve();
      else for (const { key } of one.put) told.get(key)?.(now);
    }
  };
  const done = follow();
  await begun.promise;
  const times: number[] = [];
  for (let turn = 0; turn < puts; turn++) {
    const key = `latency/${turn % 50}`;
    const { promise, resolve } = Promise.withResolvers<number>();
    told.set(key, resolve);
    const began = performance.now();
    await writer.transact({ put: [{ key, value }] });
    times.push((await promise) - began);
  }
  stop.abort();
  await done;
  times.sort((a, b) => a - b);
  console.log(`put until told: median ${at(times, 0.5)}, p99 ${at(times, 0.99)}, most ${at(times, 1)}`);
}

/** Transactions that create `keys` keys if absent, by `clients` at once. */
async function throughput(kv: Kv, { clients, keys }: { clients: number; keys: number }): Promise<void> {
  let drawn = 0;
  let done = 0;
  const end = performance.now() + seconds * 1000;
  const work = async (): Promise<void> => {
    while (performance.now() < end) {
      const names = Array.from({ length: keys }, () => `claims/${drawn % 100}/${drawn++}`);
      await kv.transact({
        compare: names.map((key) => ({ key, absent: true as const })),
        put: names.map((key) => ({ key, value })),
      });
      done++;
    }
  };
  await Promise.all(Array.from({ length: clients }, work));
  console.log(`${clients} at once, ${keys} keys each: ${Math.round(done / seconds)} transactions/s`);
}

async function clear(kv: Kv): Promise<void> {
  const keys = (await kv.range('')).entries.map(({ key }) => key);
  for (let from = 0; from < keys.length; from += 64)
    await kv.transact({ remove: keys.slice(from, from + 64) });
}

const source = parseSource(process.argv[2] ?? '');
const [one, two] = await Promise.all([1, 2].map(() => openKv(source, { folder: 'seaway-bench' })));
if (one === undefined || two === undefined) throw new Error('two were opened');
await clear(one);
await latency(one, two);
for (const clients of [1, 16]) for (const keys of [1, 32]) await throughput(one, { clients, keys });
await clear(one);
await Promise.all([one.close(), two.close()]);
