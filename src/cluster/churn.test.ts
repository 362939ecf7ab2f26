import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { Host, hex, overlayNetwork } from '../../test/cluster/host.ts';
import { createMemoryStore, type MemoryStore } from '../../test/kv/memory-kv.ts';

interface Step {
  readonly what:
    | 'join'
    | 'ask'
    | 'leave'
    | 'cut'
    | 'hang'
    | 'mend'
    | 'expire'
    | 'restart'
    | 'wipe'
    | 'save'
    | 'restore'
    | 'wait';
  readonly host: number;
  readonly number: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  what: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom('join', 'ask', 'leave', 'wait' as const) },
    { weight: 3, arbitrary: fc.constantFrom('cut', 'mend', 'expire', 'restart' as const) },
    { weight: 1, arbitrary: fc.constantFrom('wipe', 'save', 'restore' as const) },
  ) as fc.Arbitrary<Step['what']>,
  host: fc.nat(2),
  number: fc.nat(5),
});

const below = (store: MemoryStore, folder: string): readonly string[] =>
  Object.keys(store.dump()).filter((key) => key.startsWith(`seaway/v1/${folder}/`));

/** Endpoints of a host itself. */
const own = ({ model }: Host) => [...model.all('endpoints')];

async function play(steps: readonly Step[]): Promise<void> {
  const store = createMemoryStore();
  const hosts: Host[] = [];
  let saved = store.save();
  for (const number of [1, 2, 3]) hosts.push(await new Host(store, number).begin());
  await hosts[0]?.make(overlayNetwork('net'));
  for (const { model } of hosts) await vi.waitFor(() => expect(model.networkByName('net')).toBeDefined());
  /** One thing at a time is done to a container, as by the engine. */
  const turns = new Map<string, Promise<unknown>>();
  const turn = (name: string, task: () => Promise<unknown> | undefined): void => {
    const before = turns.get(name) ?? Promise.resolve();
    turns.set(
      name,
      before.then(task).catch(() => undefined),
    );
  };
  for (const { what, host: at, number } of steps) {
    const host = hosts[at];
    if (!host) continue;
    const name = `h${at}c${number}`;
    const address = what === 'ask' ? { address: `10.7.0.${number + 2}/24` } : {};
    const isOn = () => hosts[at]?.model.get('endpoints', hex(name)) !== undefined;
    if (what === 'join' || what === 'ask')
      turn(name, () => (isOn() ? undefined : hosts[at]?.join(name, address)));
    if (what === 'leave') turn(name, () => hosts[at]?.leave(name));
    if (what === 'cut') host.kv.cut();
    if (what === 'mend') host.kv.mend();
    if (what === 'expire') host.kv.expire();
    if (what === 'wipe') store.wipe();
    if (what === 'save') saved = store.save();
    if (what === 'restore') store.restore(saved);
    if (what === 'wait') await new Promise((resolve) => setTimeout(resolve, number));
    if (what === 'restart') {
      await Promise.all(turns.values());
      await host.cluster.close();
      const again = new Host(store, at + 1, { from: host });
      hosts[at] = again;
      await again.cluster.introduce();
      await again.cluster.begin(20);
    }
  }
  await Promise.all(turns.values());
  for (const { kv } of hosts) kv.mend();
  await vi.waitFor(
    () => {
      const all = hosts.flatMap(own);
      const addresses = all.flatMap((one) => one.addresses);
      expect(new Set(addresses).size).toBe(addresses.length);
      for (const host of hosts) expect(host.members()).toEqual(hosts[0]?.members());
      expect(hosts[0]?.members()).toHaveLength(all.length);
      expect(
        below(store, 'endpoints')
          .map((key) => key.split('/').at(-1))
          .sort(),
      ).toEqual(all.map(({ id }) => id).sort());
      expect(
        below(store, 'addresses')
          .map((key) => `${key.split('/').at(-1)}/24`)
          .sort(),
      ).toEqual(addresses.sort());
      expect(below(store, 'live')).toHaveLength(3);
    },
    { timeout: 5_000, interval: 20 },
  );
  for (const { cluster } of hosts) await cluster.close();
}

it('hosts agree in the end, and no address is had twice, whatever happens to the store', {
  timeout: 60_000,
}, async () => {
  const numRuns = Number(process.env.CHURN_RUNS ?? 10);
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), play), {
    numRuns,
    endOnFailure: true,
  });
});
