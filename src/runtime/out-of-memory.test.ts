import { expect, it } from 'vitest';
import { killsOf } from './out-of-memory.ts';

it('the kills of a cgroup are read, and not those of its group as a whole', () => {
  expect(killsOf('low 0\nhigh 0\nmax 12\noom 4\noom_kill 3\noom_group_kill 1\n')).toBe(3);
  expect(killsOf('low 0\nhigh 0\nmax 0\noom 0\n')).toBe(0);
});
