import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { longestWait, setAlarm } from './alarm.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

it.each([0, 1000, longestWait, longestWait + 1, 3 * longestWait + 5])('it goes off after %d ms', (time) => {
  const task = vi.fn();
  setAlarm(task, time);
  if (time > 0) vi.advanceTimersByTime(time - 1);
  expect(task).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(task).toHaveBeenCalledOnce();
});

it('a cancelled one never goes off, whichever part of its time has passed', () => {
  const task = vi.fn();
  const [early, late] = [setAlarm(task, 2 * longestWait), setAlarm(task, 2 * longestWait)];
  early.cancel();
  vi.advanceTimersByTime(longestWait + 1);
  late.cancel();
  vi.advanceTimersByTime(longestWait);
  expect(task).not.toHaveBeenCalled();
  expect(vi.getTimerCount()).toBe(0);
});

it('one without an end waits', () => {
  const task = vi.fn();
  const alarm = setAlarm(task, Number.POSITIVE_INFINITY);
  vi.advanceTimersByTime(5 * longestWait);
  expect(task).not.toHaveBeenCalled();
  alarm.cancel();
});
