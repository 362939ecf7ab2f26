import { describe, expect, it } from 'vitest';
import { NeighbourLimits, neighboursFor } from './neighbour-limits.ts';

/** A namespace of which only the sysctls matter. */
function limits(values: Record<string, string>, ipv6 = false) {
  const lines: string[] = [];
  const write =
    (level: string) =>
    (message: string, fields: object = {}) =>
      void lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  const host = {
    readSysctl: (key: string) => values[key],
    writeSysctl(key: string, value: string) {
      if (values.readonly) throw new Error('EROFS');
      values[key] = value;
    },
  };
  const logger = { info: write('info'), warn: write('warn') };
  return { lines, values, limits: new NeighbourLimits({ host, facts: () => ({ ipv6 }), logger }) };
}

const linux = (family: string) =>
  Object.fromEntries(
    [128, 512, 1024].map((value, i) => [`net/${family}/neigh/default/gc_thresh${i + 1}`, String(value)]),
  );

describe('limits of the neighbour table', () => {
  it.each([
    [0, 1024],
    [1, 1024],
    [128, 1024],
    [129, 2048],
    [2000, 16384],
  ])('for %i endpoints are %i', (endpoints, limit) => {
    expect(neighboursFor(endpoints)).toBe(limit);
  });

  it('are left alone while there are few endpoints', () => {
    const here = limits(linux('ipv4'));
    here.limits.ensure(128);
    expect([here.values, here.lines]).toEqual([linux('ipv4'), []]);
  });

  it('are raised with the endpoints, in both families, and never lowered', () => {
    const big = { 'net/ipv6/neigh/default/gc_thresh3': '1000000' };
    const here = limits({ ...linux('ipv4'), ...linux('ipv6'), ...big }, true);
    here.limits.ensure(2000);
    here.limits.ensure(10);
    expect(Object.values(here.values)).toEqual(['4096', '8192', '16384', '128', '512', '1000000']);
    expect(here.lines).toHaveLength(1);
  });

  it('that cannot be raised are told once, with what to set', () => {
    for (const values of [{}, { ...linux('ipv4'), readonly: 'yes' }]) {
      const here = limits(values);
      here.limits.ensure(300);
      here.limits.ensure(400);
      expect(here.lines).toEqual([
        expect.stringMatching(/^warn .*net\.ipv4\.neigh\.default\.gc_thresh3=4096/),
      ]);
    }
  });
});
