import { expect, it } from 'vitest';
import { fail } from '../../errors.ts';
import type { Explaining } from './explaining.ts';
import { legacyCountersOf } from './legacy.ts';

const host = (legacyCounters: () => Promise<string>): Pick<Explaining, 'kernel'> =>
  ({ kernel: { host: {}, inspect: () => ({ legacyCounters }) } }) as unknown as Pick<Explaining, 'kernel'>;

it('rules that take too long to read are left out, and other failures are not', async () => {
  expect(
    await legacyCountersOf(
      host(async () => '*filter'),
      4,
    ),
  ).toBe('*filter');
  const slow = host(async () => {
    throw fail('PROGRAM_SLOW', 'iptables-legacy-save', 2);
  });
  expect(await legacyCountersOf(slow, 4)).toBe('');
  const broken = host(async () => {
    throw fail('KERNEL', 'read the rules of iptables-legacy', 'no memory');
  });
  await expect(legacyCountersOf(broken, 4)).rejects.toThrow('no memory');
});
