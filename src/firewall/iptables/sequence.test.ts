import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editsBetween, longestIncreasing } from './sequence.ts';

const rules = fc.array(fc.constantFrom<string[]>('a', 'b', 'c', 'd', 'e', 'f', 'g'), { maxLength: 12 });

describe('editsBetween', () => {
  it('turns any list into any other', () => {
    fc.assert(
      fc.property(rules, rules, (old, wanted) => {
        const { removed, inserted } = editsBetween(old, wanted);
        const list = old.filter((_, index) => !removed.includes(index));
        for (const index of inserted) list.splice(index, 0, wanted[index] ?? '');
        expect(list).toEqual(wanted);
      }),
      { numRuns: 1_000 },
    );
  });

  it('touches one rule where one differs', () => {
    const old = ['a', 'b', 'c', 'd'];
    expect(editsBetween(old, ['a', 'c', 'd'])).toEqual({ removed: [1], inserted: [] });
    expect(editsBetween(old, ['a', 'b', 'x', 'c', 'd'])).toEqual({ removed: [], inserted: [2] });
    expect(editsBetween(old, ['d', 'a', 'b', 'c'])).toEqual({ removed: [3], inserted: [0] });
    expect(editsBetween(old, old)).toEqual({ removed: [], inserted: [] });
  });

  it('keeps a longest run that is in order', () => {
    expect([...longestIncreasing([5, 0, undefined, 1, 9, 2])].sort()).toEqual([1, 3, 5]);
  });
});
