import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Cidr, formatCidr, network, overlaps, parseCidr } from '../net/address.ts';
import { askedPrefix, checkPoolSource, choosePool, defaultPools, treeOf, ulaPool } from './choose-pool.ts';
import { SubnetTree } from './subnet-tree.ts';

const four = { version: 4 as const, pools: defaultPools, routed: [] };

describe('choosePool', () => {
  it('takes the first default pool that is free, in the order of Docker', () => {
    const chosen: string[] = [];
    for (let i = 0; i < 31; i++) chosen.push(choosePool({ ...four, taken: chosen }));
    expect(chosen.slice(0, 3)).toEqual(['172.17.0.0/16', '172.18.0.0/16', '172.19.0.0/16']);
    expect(chosen.slice(14, 17)).toEqual(['172.31.0.0/16', '192.168.0.0/20', '192.168.16.0/20']);
    expect(() => choosePool({ ...four, taken: chosen })).toThrow('fully subnetted');
  });

  it('avoids what the host routes, however large or small, but not for a default route', () => {
    const routed = ['0.0.0.0/0', '172.17.3.0/24', '172.18.0.0/15', '192.168.0.0/16'];
    expect(choosePool({ ...four, taken: [], routed })).toBe('172.20.0.0/16');
  });

  it('leaves a tree that is kept by the caller as it was', () => {
    const taken = treeOf(4, ['172.17.0.0/16']);
    expect(choosePool({ ...four, taken, routed: ['172.18.0.0/16'] })).toBe('172.19.0.0/16');
    expect(choosePool({ ...four, taken })).toBe('172.18.0.0/16');
  });

  it('cuts a size that was asked for', () => {
    expect(askedPrefix('0.0.0.0/24')).toBe(24);
    expect(askedPrefix('::/64')).toBe(64);
    expect(askedPrefix('10.0.0.0/24')).toBeUndefined();
    expect(choosePool({ ...four, taken: ['172.17.0.0/24'], prefix: 24 })).toBe('172.17.1.0/24');
    expect(choosePool({ ...four, taken: [], prefix: 15 })).toBe('172.20.0.0/15');
  });

  it('makes 10,000 networks from one pool, fast', () => {
    const taken = new SubnetTree(4);
    const pools = [{ base: '10.0.0.0/8', size: 24 }];
    const start = performance.now();
    let last = '';
    for (let i = 0; i < 10_000; i++) {
      last = choosePool({ version: 4, pools, taken, routed: ['10.0.7.0/24'] });
      taken.add(parseCidr(last));
    }
    expect(last).toBe('10.39.16.0/24');
    expect(performance.now() - start).toBeLessThan(2_000);
  });

  it('a unique local prefix follows from the seed', () => {
    const pool = ulaPool('an engine');
    expect(pool).toEqual(ulaPool('an engine'));
    expect(pool.base).not.toBe(ulaPool('another').base);
    expect(pool.base).toMatch(/^fd[0-9a-f]{2}:.*::\/48$/);
    const first = choosePool({ version: 6, pools: [...defaultPools, pool], taken: [], routed: [] });
    expect(first).toBe(pool.base.replace('/48', '/64'));
  });

  it('a pool that nothing can be cut from is refused', () => {
    expect(() => checkPoolSource({ base: '10.0.0.0/16', size: 8 })).toThrow('invalid pool size 8');
    expect(() => checkPoolSource({ base: '10.0.0.1/16', size: 24 })).toThrow('it should be 10.0.0.0/16');
    for (const pool of defaultPools) expect(() => checkPoolSource(pool)).not.toThrow();
  });
});

describe('SubnetTree', () => {
  const block: fc.Arbitrary<Cidr> = fc
    .record({ value: fc.nat(0xff), prefix: fc.integer({ min: 24, max: 32 }) })
    .map(({ value, prefix }) => network({ version: 4, value: 0x0a000000n + BigInt(value), prefix }));

  it('equals a search through all blocks, after any adding and removing', () => {
    fc.assert(
      fc.property(
        fc.array(block, { maxLength: 12 }),
        fc.array(fc.nat(11), { maxLength: 8 }),
        block,
        fc.integer({ min: 24, max: 32 }),
        (added, removed, probe, prefix) => {
          const tree = new SubnetTree(4, added);
          const left = [...added];
          for (const at of removed) {
            const [gone] = at < left.length ? left.splice(at, 1) : [];
            if (gone) tree.remove(gone);
          }
          expect(tree.overlaps(probe)).toBe(left.some((other) => overlaps(other, probe)));
          const found = tree.firstFree(parseCidr('10.0.0.0/24'), prefix);
          expect(found && formatCidr(found)).toBe(naiveFirst(left, prefix));
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('taking back what was never taken changes nothing', () => {
    const tree = treeOf(4, ['10.0.0.0/24']);
    tree.remove(parseCidr('10.0.0.0/16'));
    tree.remove(parseCidr('10.0.0.0/25'));
    expect(tree.overlaps(parseCidr('10.0.0.7/32'))).toBe(true);
  });
});

function naiveFirst(taken: readonly Cidr[], prefix: number): string | undefined {
  for (let value = 0x0a000000; value < 0x0a000100; value += 2 ** (32 - prefix)) {
    const candidate: Cidr = { version: 4, value: BigInt(value), prefix };
    if (!taken.some((other) => overlaps(other, candidate))) return formatCidr(candidate);
  }
  return undefined;
}
