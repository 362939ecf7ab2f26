import { expect, test } from 'vitest';
import { driverTable } from '../drivers/table.ts';
import { blankNetwork } from '../model/blank.ts';
import { Model } from '../model/memory.ts';
import type { Network } from '../model/network.ts';
import type { Change } from '../model/tables.ts';
import { createLogger } from '../observe/logger.ts';
import { change, planned } from './change.ts';
import type { Core } from './core.ts';

const network = (link: string): Network => ({
  ...{ ...blankNetwork, id: link.padEnd(64, '0'), name: link, created: '', driver: 'bridge', link },
  enableIPv4: true,
  ipam: {
    driver: 'default',
    options: {},
    pools: [{ subnet: '10.1.0.0/24', gateway: '10.1.0.1', auxAddresses: {} }],
  },
});

/** All of the engine that a change needs; what it does is noted. */
function engine({ failing = false } = {}) {
  const model = new Model(driverTable());
  const done: string[] = [];
  const commit = (word: string) => async (changes: readonly Change[]) => {
    const inverse = model.apply(changes);
    done.push(`${word} ${changes.map(({ table }) => table).join(' ')}`);
    return () => inverse;
  };
  const converge = (word: string) => async () => {
    done.push(word);
    if (failing) throw new Error('no');
    return 0;
  };
  const core = {
    model,
    records: { commit: commit('commit'), keep: commit('keep') },
    facts: () => ({ uplinkMtu: 1500, bridgeNetfilter: true, ipv6: true }),
    reconciler: { convergeNetwork: converge('network'), convergeFirewall: converge('firewall') },
    retries: { has: () => false },
    logger: createLogger('fatal'),
  } as unknown as Core;
  return { core, done };
}

const put = (link: string): readonly Change[] => [{ table: 'networks', put: network(link) }];

test('what cannot be planned is refused before anything is written', async () => {
  const { core, done } = engine();
  await expect(change(core, put('a+b'))).rejects.toThrow('link name');
  expect(done).toEqual([]);
});

test('records, then the kernel; both back if that fails', async () => {
  const good = engine();
  await change(good.core, put('br0'));
  expect(good.done).toEqual(['commit networks', 'network', 'firewall']);
  const bad = engine({ failing: true });
  await expect(change(bad.core, put('br0'))).rejects.toThrow('no');
  expect(bad.done).toEqual(['commit networks', 'network', 'keep networks', 'network']);
  expect([...bad.core.model.all('networks')]).toEqual([]);
});

test('an effect beside the networks is done with the records, and again with those of before', async () => {
  const { core, done } = engine();
  let times = 0;
  const effect = async (): Promise<void> => {
    times++;
    if (times === 1) throw new Error('no');
  };
  await expect(change(core, put('br0'), effect)).rejects.toThrow('no');
  expect([times, done.filter((line) => line.startsWith('keep'))]).toEqual([2, ['keep networks']]);
});

test('planning one more network costs the same beside many', () => {
  const { core } = engine();
  const time = (): number => {
    const start = performance.now();
    for (let round = 0; round < 50; round++) planned(core, put('br-x'));
    return performance.now() - start;
  };
  time();
  const few = time();
  core.model.apply(Array.from({ length: 2_000 }, (_, i) => put(`b${i}`)[0] ?? []).flat());
  expect(time()).toBeLessThan(few * 5 + 50);
});
