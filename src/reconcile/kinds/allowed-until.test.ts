import { describe, expect, it } from 'vitest';
import { AllowedUntil, timeoutOf } from './allowed-until.ts';

const one = (address: string, seconds: number) => ({ set: 'n4-0', address, seconds });

describe('addresses that are allowed for a while', () => {
  it('are due once, and again when they would end before the newest answer does', () => {
    const until = new AllowedUntil();
    const answer = one('192.0.2.1', 360);
    expect(until.due([answer], 0)).toEqual([answer]);
    until.note([answer], 0);
    expect(until.due([answer], 5_000)).toEqual([]);
    // an answer from a cache, whose time counts down
    expect(until.due([one('192.0.2.1', 300)], 60_000)).toEqual([]);
    expect(until.due([answer], 5_001)).toEqual([answer]);
    const others = [one('192.0.2.2', 360), { ...answer, set: 'n4-1' }];
    expect(until.due(others, 0)).toEqual(others);
  });

  it('stay at least as long as asked', () => {
    expect([1, 60, 86_460].map((seconds) => timeoutOf(one('192.0.2.1', seconds)))).toEqual([
      1_100, 65_000, 86_465_000,
    ]);
  });

  it('are forgotten when they have ended, where there are many', () => {
    const until = new AllowedUntil();
    for (let i = 0; i < 5_000; i++) until.note([one(`10.0.${i >> 8}.${i & 255}`, 1)], 0);
    until.note([one('192.0.2.1', 1)], 2_000);
    expect(until.due([one('192.0.2.1', 1)], 2_000)).toEqual([]);
    expect(until.due([one('10.0.0.1', 1)], 0)).toHaveLength(1);
  });
});
