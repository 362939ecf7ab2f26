import { describe, expect, it } from 'vitest';
import type { Session } from './kv.ts';
import { checkPrefix, checkTransaction, kvLimits, operationsOf } from './limits.ts';

const session: Session = { id: 's', ttl: 1, lost: Promise.resolve(), close: async () => undefined };
const keys = (count: number) => Array.from({ length: count }, (_, index) => `k${index}`);
const puts = (count: number, value = '') => keys(count).map((key) => ({ key, value }));

describe('a transaction', () => {
  it('has 64 operations, of which a key that is bound takes three', () => {
    const most = { compare: puts(32).map(({ key }) => ({ key, absent: true as const })), put: puts(32) };
    expect(operationsOf(most)).toBe(64);
    expect(() => checkTransaction(most)).not.toThrow();
    expect(() => checkTransaction({ ...most, remove: ['x'] })).toThrow('has 65 operations, at most 64 fit');
    expect(operationsOf({ put: [{ key: 'a', value: '', session }] })).toBe(3);
  });

  it('has values and a size that fit', () => {
    expect(() => checkTransaction({ put: puts(1, 'ü'.repeat(kvLimits.value / 2)) })).not.toThrow();
    expect(() => checkTransaction({ put: puts(1, 'ü'.repeat(kvLimits.value / 2 + 1)) })).toThrow(
      /of k0 has 262146 bytes/,
    );
    expect(() => checkTransaction({ put: puts(2, 'x'.repeat(200_000)) })).toThrow(
      /a transaction has 400004 bytes/,
    );
  });

  it('changes a key once, and binds to one session', () => {
    expect(() => checkTransaction({ put: puts(1), remove: ['k0'] })).toThrow('changes k0 twice');
    expect(() => checkTransaction({ remove: ['a', 'a'] })).toThrow('changes a twice');
    const compare = { key: 'a', absent: true } as const;
    expect(() => checkTransaction({ compare: [compare, compare] })).toThrow('compares a twice');
    const two = [session, { ...session }].map((one, index) => ({
      key: `k${index}`,
      value: '',
      session: one,
    }));
    expect(() => checkTransaction({ put: two })).toThrow('two sessions');
  });
});

it.each(['', 'a', 'a/b', 'ip/fd00::1', 'a=b/c', '...'])('%j is a prefix', (prefix) => {
  expect(() => checkPrefix(prefix)).not.toThrow();
});

it.each(['/', 'a/', '/a', 'a//b', '.', 'a/..', ' ', 'ä', '=a', 'a/=', 'a\u007f', 'x'.repeat(513)])(
  '%j is none',
  (prefix) => {
    expect(() => checkPrefix(prefix)).toThrow(/cannot be a key/);
  },
);
