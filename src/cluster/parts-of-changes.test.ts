import { describe, expect, it } from 'vitest';
import type { Changes } from '../kv/kv.ts';
import { partsOf } from './parts-of-changes.ts';

const entry = (key: string) => ({ key, value: '', revision: 1 });
const range = <T>(count: number, name: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => name(index));
const changesOf = (put: readonly string[], removed: readonly string[]): Changes => ({
  ...{ kind: 'changes', revision: 7, put: put.map(entry), removed },
});
const keysOf = (changes: Changes) =>
  Array.from(partsOf(changes), ({ put, removed }) => [...put.map(({ key }) => key), ...removed]);

describe('the parts of a difference', () => {
  it('are one where it is small', () => {
    const changes = changesOf(['networks/a', 'endpoints/a/1'], ['nodes/b']);
    expect([...partsOf(changes)]).toEqual([{ put: changes.put, removed: ['nodes/b'], revision: 7 }]);
  });

  it('hold each key once, 800 at most, first what is of no network', () => {
    const put = [
      ...range(900, (index) => `endpoints/a/${index}`),
      ...range(5, (index) => `networks/${index}`),
    ];
    const removed = range(900, (index) => `addresses/b/${index}`);
    const parts = keysOf(changesOf(put, removed));
    expect(parts.flat().toSorted()).toEqual([...put, ...removed].toSorted());
    expect(Math.max(...parts.map(({ length }) => length))).toBeLessThanOrEqual(800);
    expect(parts[0]?.slice(0, 5)).toEqual(put.slice(900));
  });

  it('keep what goes and what comes in a network together', () => {
    const networks = ['a', 'b', 'c', 'd'];
    const put = range(300, (index) => networks.map((network) => `endpoints/${network}/new${index}`)).flat();
    const removed = range(300, (index) => networks.map((network) => `endpoints/${network}/${index}`)).flat();
    const parts = keysOf(changesOf(put, removed));
    expect(parts.map((part) => new Set(part.map((key) => key.split('/')[1])))).toEqual(
      networks.map((network) => new Set([network])),
    );
  });
});
