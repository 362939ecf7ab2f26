import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { watchFolder } from './watch-folder.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const refused = (code: string) => () => {
  throw Object.assign(new Error('System limit for number of file watchers reached'), { code });
};

test('a folder that the kernel does not watch is looked at every second', () => {
  const changed = vi.fn();
  const watching = watchFolder('/tmp', changed, refused('ENOSPC'));
  vi.advanceTimersByTime(3000);
  expect(changed).toHaveBeenCalledTimes(3);
  watching.close();
  vi.advanceTimersByTime(3000);
  expect(changed).toHaveBeenCalledTimes(3);
});

test('a folder that is not there is an error', () => {
  expect(() => watchFolder('/tmp', () => undefined, refused('ENOENT'))).toThrow('System limit');
});
