import { expect, test } from 'vitest';
import { scopeFindings } from './scopes.ts';

const named = { scope: 'sandbox:1', name: 'container web', error: '' };
const on = { namespace: 'host', object: 'br-1', kind: 'link' } as const;
const mtu = [{ field: 'mtu', desired: '1500', observed: '1400' }];

test('a scope that agrees has no finding', () => {
  expect(scopeFindings([{ ...named, changes: [] }])).toEqual([]);
});

test('a scope that differs has one, which tells each change', () => {
  const changes = [
    { ...on, action: 'change', differences: mtu },
    { ...on, kind: 'route', object: '0.0.0.0/0', action: 'make', differences: [] },
  ] as const;
  expect(scopeFindings([{ ...named, changes }])).toEqual([
    expect.objectContaining({
      sentence: 'container web differs from the records: link br-1: mtu is 1400, not 1500, and 1 more',
      would: ['change link br-1: mtu is 1400, not 1500', 'make route 0.0.0.0/0'],
      fix: { kind: 'scope', scope: 'sandbox:1' },
    }),
  ]);
});

test("what is not the engine's is left to people", () => {
  const changes = [{ ...on, action: 'refuse', differences: mtu }] as const;
  expect(scopeFindings([{ ...named, changes }])[0]).toMatchObject({
    cure: 'remove or rename link br-1',
    fix: { kind: 'none' },
  });
});

test('a scope that cannot be compared is made again', () => {
  expect(scopeFindings([{ ...named, changes: [], error: 'no such file' }])[0]).toMatchObject({
    code: 'cannot-compare',
    fix: { kind: 'scope' },
  });
});
