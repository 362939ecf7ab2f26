import { expect, test } from 'vitest';
import type { PluginCall } from '../model/outbox.ts';
import type { PoolRequest } from '../plugins/ipam-driver.ts';
import { requestPool } from './free-pool.ts';

const wanted: PoolRequest = { space: 'near', isGlobal: false, pool: '', subPool: '', options: {}, family: 4 };

/** A driver that gives these pools one after the other, the last one again and again. */
function driverOf(subnets: readonly string[]) {
  const log: string[] = [];
  let count = 0;
  const pools = (calls: readonly PluginCall[]) => calls.map(({ body }) => String(body.PoolID)).join(' ');
  const asked = {
    ...{ plugin: 'p', routed: ['10.0.0.0/16'] },
    driver: {
      requestPool: async () => {
        const subnet = subnets[Math.min(count++, subnets.length - 1)] ?? '';
        return { id: `id-${subnet}`, subnet, gateway: undefined };
      },
    },
    ledger: {
      ask: async <T>(_: unknown, request: () => Promise<T>) => request(),
      given: async (call: PluginCall) => void log.push(`given ${pools([call])}`),
      giveBack: async (calls: readonly PluginCall[]) => void log.push(`back ${pools(calls)}`),
    },
  };
  return { asked, log };
}

test('a pool that overlaps with what the host routes is kept until the driver gives another one', async () => {
  const { asked, log } = driverOf(['10.0.1.0/24', '10.0.2.0/24', '10.7.0.0/24']);
  expect((await requestPool(asked, wanted)).subnet).toBe('10.7.0.0/24');
  expect(log).toEqual([
    'given id-10.0.1.0/24',
    'given id-10.0.2.0/24',
    'given id-10.7.0.0/24',
    'back id-10.0.1.0/24 id-10.0.2.0/24',
  ]);
});

test.each([
  ['was named', { pool: '10.0.1.0/24' }, '10.0.1.0/24'],
  ['is of a global address space', { isGlobal: true }, '10.0.1.0/24'],
  ['has no addresses', {}, '0.0.0.0/0'],
])('one that %s is taken as it is', async (_, more, subnet) => {
  const { asked } = driverOf([subnet, '10.7.0.0/24']);
  expect((await requestPool(asked, { ...wanted, ...more })).subnet).toBe(subnet);
});

test('a driver that has no other pools is not asked without end', async () => {
  await expect(requestPool(driverOf(['10.0.1.0/24']).asked, wanted)).rejects.toThrow(
    'every pool that it gives overlaps with what the host routes, 10.0.1.0/24 the last',
  );
  const many = Array.from({ length: 100 }, (_, at) => `10.0.${at}.0/24`);
  await expect(requestPool(driverOf(many).asked, wanted)).rejects.toThrow('10.0.63.0/24 the last');
});
