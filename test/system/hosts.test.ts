/**
 * Hosts of a cluster while everything happens to them: clients of all hosts make and remove containers and networks, engines are
 * killed, hosts are rebooted and cut off, the store goes and comes back. At the end records, kernel and names of all hosts agree
 * with the containers that run, no address was ever held by two, and nothing is left (docs/reliability.md).
 *
 * `SEAWAY_HOSTS=SEED:SECONDS:STORE` for another run, `SEAWAY_HOSTS_REPORT=FILE` for what happened, `SEAWAY_HOSTS_LATENCY=1` for many
 * records that are waited for.
 */
import { appendFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { titleOf } from '../kernel/kv/server.ts';
import { soon } from './commands.ts';
import { type Answered, churn, isOfChurn, makeNetwork } from './hosts/churn.ts';
import { judge, unreached } from './hosts/judge.ts';
import { latencies, middle } from './hosts/latency.ts';
import { type StoreMishap, troubleHosts, troubleStore } from './hosts/mishaps.ts';
import { heldTwice } from './hosts/truth.ts';
import { type StoreName, stores, World } from './hosts/world.ts';

const [seed, seconds, name = 'etcd'] = (process.env.SEAWAY_HOSTS ?? '1:20:etcd').split(':');
const store = name as StoreName;
const isLong = Number(seconds) > 60;
/** Many records are waited for, one after the other. */
const isMeasured = process.env.SEAWAY_HOSTS_LATENCY !== undefined;
const report = process.env.SEAWAY_HOSTS_REPORT;
/** Milliseconds that hosts of a wiped store are given to write back, and some for a busy machine. */
const settling = isLong ? 180_000 : 60_000;
const toStore: readonly StoreMishap[] = [
  ...(['restart', 'restart', 'silence'] as const),
  ...(isLong ? (['wipe', 'save', 'restore'] as const) : []),
];

describe.skipIf(!stores[store])(titleOf(`hosts by ${store}`, stores[store]), () => {
  const ttl = ['--cluster-store-opt=discovery.heartbeat=2', '--cluster-store-opt=discovery.ttl=10'];
  const world = new World(3, { store, flags: ttl });
  const began = performance.now();
  const told = (line: string): void => {
    const at = ((performance.now() - began) / 1000).toFixed(1);
    if (report) appendFileSync(report, `${at} ${line}\n`);
  };

  async function removeAll(): Promise<void> {
    for (const { engine } of world.hosts) await engine.removeContainers();
    const isGone = async (): Promise<boolean> => {
      const { json } = await world.first.engine.api('GET', '/networks');
      const left = (json as readonly { Name: string }[]).filter(({ Name }) => isOfChurn(Name));
      for (const { Name } of left) await world.first.engine.api('DELETE', `/networks/${Name}`);
      return left.length === 0;
    };
    expect(await soon(isGone, settling)).toBe(true);
  }

  async function watchAddresses(signal: AbortSignal): Promise<readonly string[]> {
    const twice: string[] = [];
    while (!signal.aborted) {
      const found = await heldTwice(world.hosts);
      for (const line of found) told(`HELD TWICE: ${line}`);
      twice.push(...found);
      await delay(300);
    }
    return twice;
  }

  async function play(): Promise<{
    readonly twice: readonly string[];
    readonly answered: readonly Answered[];
  }> {
    const ended = new AbortController();
    const common = { signal: ended.signal, longest: isLong ? 12_000 : 4_000, toStore, told };
    const clients = world.hosts.flatMap((host) =>
      [1, 2].map((each) =>
        churn(host, {
          seed: Number(seed) * 100 + host.number * 10 + each,
          signal: ended.signal,
          pause: 100,
          told,
        }),
      ),
    );
    const troubles = [
      troubleHosts(world, { ...common, seed: Number(seed) }),
      troubleStore(world, { ...common, seed: Number(seed) + 1 }),
    ];
    const watching = watchAddresses(ended.signal);
    const timer = setTimeout(() => ended.abort(), Number(seconds) * 1000);
    const failed = Promise.all(troubles).finally(() => ended.abort());
    const [answered] = await Promise.all([Promise.all(clients), failed]);
    clearTimeout(timer);
    return { twice: await watching, answered: answered.flat() };
  }

  beforeAll(async () => {
    await world.store.start();
    await Promise.all(world.hosts.map(({ engine }) => engine.start()));
  });

  test('a record of one host is soon in the kernel and the names of another', async () => {
    const { engine } = world.first;
    await engine.docker('network', 'create', '-d', 'overlay', 'near');
    const known = (): Promise<boolean> =>
      soon(
        async () => (await world.hosts[1]?.engine.tryDocker(['network', 'inspect', 'near']))?.status === 0,
      );
    expect(await known()).toBe(true);
    const { kernel, names } = await latencies(world, { count: isMeasured ? 100 : 10, network: 'near' });
    await engine.docker('network', 'rm', 'near');
    for (const [what, each] of Object.entries({ kernel, names }))
      told(`${what}: median ${middle(each)} ms, most ${longest(each)} ms, of ${each.length}`);
    // some 20 ms; more on a machine that does other work
    expect(middle(kernel)).toBeLessThan(2_000);
    expect(middle(names)).toBeLessThan(2_000);
  });

  test(`seed ${seed}, ${seconds} s: hosts agree with the containers that run, and nothing is left`, {
    timeout: Number(seconds) * 1000 + 2 * settling + 120_000,
  }, async () => {
    for (const each of ['n0', 'n1', 'n2', 'n3']) {
      const { method, path, json } = makeNetwork(each);
      expect(await world.first.engine.api(method, path, { json })).toMatchObject({ status: 201 });
    }
    const { twice, answered } = await play();
    told(`clients have ended: ${summary(answered)}`);
    let wrong: readonly string[] = ['not judged'];
    const agree = async (): Promise<boolean> => {
      wrong = await judge(world);
      return wrong.length === 0;
    };
    await soon(agree, settling);
    for (const line of wrong) told(`WRONG: ${line}`);
    told('judged');
    for (const { number, engine } of world.hosts)
      for (const line of engine.log(1_000_000).split('\n'))
        if (/taken off|wiped or restored| error /.test(line)) told(`host ${number} says: ${line}`);
    expect(wrong).toEqual([]);
    expect(await unreached(world)).toEqual([]);
    expect(twice).toEqual([]);
    expect(answered.filter(({ message }) => /TypeError|is a bug|undefined/.test(message))).toEqual([]);
    await removeAll();
    await soon(agree, settling);
    expect(wrong).toEqual([]);
  });
});

/** The five longest, each with its turn. */
const longest = (each: readonly number[]): string =>
  [...each.entries()]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, 5)
    .map(([turn, ms]) => `${ms} (${turn})`)
    .join(', ');

/** How often there was which answer. */
function summary(answered: readonly Answered[]): string {
  const counts = new Map<string, number>();
  for (const { status, request, message } of answered) {
    const what = request
      .replace(/h\dc\d/, 'C')
      .replace(/n\d/, 'N')
      .replace(/[0-9a-f]{12,}/g, 'ID');
    const line = `${status} ${what} ${message
      .replace(/h\dc\d/g, 'C')
      .replace(/[0-9a-f]{12,}/g, 'ID')
      .slice(0, 100)}`;
    counts.set(line, (counts.get(line) ?? 0) + 1);
  }
  const lines = [...counts].toSorted(([, a], [, b]) => b - a).map(([line, count]) => `  ${count} ${line}`);
  return `\n${lines.join('\n')}`;
}
