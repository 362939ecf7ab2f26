import { expect, it } from 'vitest';
import { Turns } from './turns.ts';

/** Turns that are run by hand. */
function rig(most: number) {
  const runs: (() => void)[] = [];
  const turns = new Turns(most, (run) => void runs.push(run));
  const log: string[] = [];
  const source = (name: string, count: number) => {
    let left = count;
    return () => {
      log.push(name);
      left -= 1;
      return left > 0;
    };
  };
  const turn = (): string => {
    runs.shift()?.();
    return log.splice(0).join('');
  };
  return { turns, source, turn };
}

it('does so many steps in a turn, of each source after the other', () => {
  const { turns, source, turn } = rig(4);
  turns.add(source('a', 6));
  turns.add(source('b', 1));
  expect([turn(), turn(), turn()]).toEqual(['abaa', 'aaa', '']);
});

it('takes what comes in between at its next turn', () => {
  const { turns, source, turn } = rig(2);
  const first = source('a', 5);
  turns.add(first);
  expect(turn()).toBe('aa');
  turns.add(source('b', 1));
  turns.add(first);
  expect([turn(), turn()]).toEqual(['ab', 'aa']);
});

it('does nothing more for a source that was dropped', () => {
  const { turns, source, turn } = rig(1);
  const gone = source('a', 3);
  turns.add(gone);
  expect(turn()).toBe('a');
  turns.drop(gone);
  expect([turn(), turn()]).toEqual(['', '']);
});
