import { expect, it } from 'vitest';
import { closeAll } from './close-all.ts';

it('closes what is behind one that fails, and tells of the first failure', () => {
  const closed: string[] = [];
  const one = (name: string, failure?: string) => ({
    close() {
      closed.push(name);
      if (failure) throw new Error(failure);
    },
  });
  expect(() => closeAll([one('a'), one('b', 'first'), one('c', 'second'), one('d')])).toThrow('first');
  expect(closed).toEqual(['a', 'b', 'c', 'd']);
});
