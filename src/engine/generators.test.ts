import { describe, expect, it } from 'vitest';
import { generate } from './generators.ts';

const many = <T>(make: () => T): T[] => Array.from({ length: 2000 }, make);

describe('generators', () => {
  it('make ids of 64 digits that are not taken for numbers, each another', () => {
    const ids = many(generate.id);
    expect(ids.filter((id) => !/^[0-9a-f]{64}$/.test(id))).toEqual([]);
    expect(ids.filter((id) => /^[0-9]{12}/.test(id))).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('make MAC addresses that nobody sells and that are one station’s', () => {
    const macs = many(generate.mac);
    expect(macs.filter((mac) => !/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(mac))).toEqual([]);
    const flags = macs.map((mac) => Number.parseInt(mac.slice(0, 2), 16) & 3);
    expect(new Set(flags)).toEqual(new Set([2]));
    expect(new Set(macs).size).toBeGreaterThan(1990);
  });

  it('draw every number below the limit, and none else', () => {
    expect([...new Set(many(() => generate.below(5)))].sort()).toEqual([0, 1, 2, 3, 4]);
    expect(generate.below(1)).toBe(0);
  });

  it('say what time it is, with nanoseconds', () => {
    const before = Date.now();
    const now = generate.now();
    expect(now).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
    expect(Math.abs(Date.parse(now) - before)).toBeLessThan(1000);
  });
});
