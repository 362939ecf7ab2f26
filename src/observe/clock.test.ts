import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { nowNanoseconds, rfc3339 } from './clock.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

describe('nowNanoseconds', () => {
  it('is the wall clock’s time, never earlier than before', () => {
    let last = nowNanoseconds();
    for (let turn = 0; turn < 10_000; turn++) {
      const now = nowNanoseconds();
      if (now < last) throw new Error(`${now} is before ${last}`);
      last = now;
    }
    expect(Math.abs(Number(last / 1_000_000n) - Date.now())).toBeLessThan(50);
  });

  it('is finer than milliseconds', () => {
    const rests = Array.from({ length: 1000 }, () => nowNanoseconds() % 1_000_000n);
    expect(new Set(rests).size).toBeGreaterThan(10);
  });

  it('follows when somebody sets the wall clock, and back', () => {
    const hour = 3_600_000;
    const real = Date.now();
    vi.spyOn(Date, 'now').mockReturnValue(real + hour);
    expect(Math.abs(Number(nowNanoseconds() / 1_000_000n) - real - hour)).toBeLessThan(50);
    vi.restoreAllMocks();
    expect(Math.abs(Number(nowNanoseconds() / 1_000_000n) - Date.now())).toBeLessThan(50);
  });
});

describe('rfc3339', () => {
  it.each([
    [0n, '1970-01-01T00:00:00.000000000Z'],
    [1n, '1970-01-01T00:00:00.000000001Z'],
    [999_999_999n, '1970-01-01T00:00:00.999999999Z'],
    [1_000_000_000n, '1970-01-01T00:00:01.000000000Z'],
    [1_767_323_045_000_000_006n, '2026-01-02T03:04:05.000000006Z'],
    [1_767_323_045_123_456_789n, '2026-01-02T03:04:05.123456789Z'],
  ])('prints %s as %s', (nanoseconds, expected) => {
    expect(rfc3339(nanoseconds)).toBe(expected);
  });

  it('sorts as the times do', () => {
    const time = fc.bigInt({ min: 0n, max: 4_000_000_000_000_000_000n });
    fc.assert(
      fc.property(time, time, (a, b) => {
        expect(rfc3339(a) < rfc3339(b)).toBe(a < b);
      }),
    );
  });
});
