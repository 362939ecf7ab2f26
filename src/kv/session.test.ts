import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Grant } from './backend.ts';
import { keepSession } from './session.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

function granted(renew: () => Promise<boolean>) {
  const calls = { renewed: 0, ended: 0 };
  const grant: Grant = {
    id: 's',
    ttl: 9_000,
    renew: () => {
      calls.renewed++;
      return renew();
    },
    end: async () => void calls.ended++,
  };
  const session = keepSession(grant, { store: 'etcd', closing: new AbortController().signal });
  let lost = false;
  void session.lost.then(() => {
    lost = true;
  });
  return { calls, session, isLost: () => lost };
}

it('is renewed each third of its ttl', async () => {
  const { calls, isLost, session } = granted(async () => true);
  await vi.advanceTimersByTimeAsync(30_500);
  expect([calls.renewed, isLost()]).toEqual([10, false]);
  await session.close();
  await vi.advanceTimersByTimeAsync(30_000);
  expect([calls.renewed, calls.ended, isLost()]).toEqual([10, 1, true]);
});

it('is lost when the store says so', async () => {
  const { isLost } = granted(async () => false);
  await vi.advanceTimersByTimeAsync(3_100);
  expect(isLost()).toBe(true);
});

it('is tried again while its ttl lasts, and lost then', async () => {
  let away = true;
  const { isLost, calls } = granted(async () => {
    if (away) throw new Error('away');
    return true;
  });
  await vi.advanceTimersByTimeAsync(7_500);
  expect([isLost(), calls.renewed > 3]).toEqual([false, true]);
  away = false;
  await vi.advanceTimersByTimeAsync(12_000);
  expect(isLost()).toBe(false);
  away = true;
  await vi.advanceTimersByTimeAsync(9_100);
  expect(isLost()).toBe(true);
});

it('is lost after its ttl where renewals hang', async () => {
  const { isLost } = granted(() => new Promise(() => undefined));
  await vi.advanceTimersByTimeAsync(8_900);
  expect(isLost()).toBe(false);
  await vi.advanceTimersByTimeAsync(200);
  expect(isLost()).toBe(true);
});
