import { expect, it } from 'vitest';
import { checkClocks } from './remote.ts';

const minutes = 60_000;

it('a host whose clock would make certificates invalid does not join', () => {
  for (const ahead of [0, 29 * minutes, -29 * minutes, Number.NaN])
    expect(() => checkClocks(ahead)).not.toThrow();
  expect(() => checkClocks(90 * minutes)).toThrow('is 90 minutes behind that of the manager');
  expect(() => checkClocks(-90 * minutes)).toThrow('is 90 minutes ahead of that of the manager');
});
