import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Sessions } from './sessions.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a session ends once it is not used for so long, and not before', () => {
  const ended = vi.fn();
  const sessions = new Sessions(100, ended);
  const token = sessions.open(false);
  const session = sessions.find(token);
  const done = session && sessions.use(session);
  vi.advanceTimersByTime(1_000);
  expect(sessions.find(token)).toBe(session);
  done?.();
  vi.advanceTimersByTime(99);
  expect(ended).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect([sessions.find(token), ended.mock.calls.length]).toEqual([undefined, 1]);
});

test('an answer that ends after all are closed waits for nothing more', () => {
  const ended = vi.fn();
  const sessions = new Sessions(100, ended);
  const session = sessions.find(sessions.open(false));
  const done = session && sessions.use(session);
  sessions.close();
  done?.();
  expect([session === undefined, vi.getTimerCount()]).toEqual([false, 0]);
});
