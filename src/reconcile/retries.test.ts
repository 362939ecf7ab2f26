import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { fail } from '../errors.ts';
import { createLogger } from '../observe/logger.ts';
import { delayAfter, Retries } from './retries.ts';

const lines: string[] = [];
let retries = new Retries(createLogger('fatal'));

beforeEach(() => {
  vi.useFakeTimers();
  lines.length = 0;
  retries = new Retries(createLogger('info', (line) => lines.push(line.replace(/^\S+ /, '').trim())));
});
afterEach(() => {
  retries.close();
  vi.useRealTimers();
});

const app = { key: 'network:1', name: 'network app' };

/** Fails so many times. */
function failing(times: number): () => void {
  let left = times;
  return () => {
    if (left-- > 0) throw new Error('busy');
  };
}

test('the delay doubles from a second to a minute', () => {
  expect([1, 2, 3, 6, 7, 60].map(delayAfter)).toEqual([1_000, 2_000, 4_000, 32_000, 60_000, 60_000]);
});

test('what passes by itself is tried each second at first', async () => {
  const taken = (): never => {
    throw fail('VNI_TAKEN', 'vxlan0', 256);
  };
  await retries.attempt(app, taken);
  for (let second = 0; second < 10; second++) await vi.advanceTimersByTimeAsync(1_000);
  expect(retries.list()).toMatchObject([{ attempts: 11 }]);
});

test('what fails is listed by name until an attempt succeeds, with a line at the beginning and the end', async () => {
  expect(await retries.attempt(app, failing(3))).toBe(false);
  expect(retries.list()).toMatchObject([{ ...app, error: 'busy', attempts: 1 }]);
  await vi.advanceTimersByTimeAsync(1_000);
  await vi.advanceTimersByTimeAsync(1_999);
  expect(retries.list()).toMatchObject([{ attempts: 2 }]);
  await vi.advanceTimersByTimeAsync(1);
  expect(retries.list()).toMatchObject([{ attempts: 3 }]);
  await vi.advanceTimersByTimeAsync(4_000);
  expect(retries.list()).toEqual([]);
  expect(lines).toEqual([
    'warn degraded: it will be tried again subject="network app" error=busy attempts=1 seconds=1',
    'info no longer degraded subject="network app"',
  ]);
});

test('an attempt can be hurried, dropped, and ends with the engine', async () => {
  const task = vi.fn(failing(9));
  await retries.attempt(app, task);
  retries.hurry();
  await vi.advanceTimersByTimeAsync(0);
  expect(task).toHaveBeenCalledTimes(2);
  retries.drop(app.key);
  await vi.advanceTimersByTimeAsync(60_000);
  expect([task.mock.calls.length, retries.list().length]).toEqual([2, 0]);
  await retries.attempt(app, task);
  retries.close();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(task).toHaveBeenCalledTimes(3);
});

test('what may run at a start alone is listed until then', async () => {
  await retries.once(app, failing(1));
  await vi.advanceTimersByTimeAsync(120_000);
  expect(retries.list()).toMatchObject([{ ...app, next: '' }]);
  expect(lines).toEqual(['warn degraded until the engine is restarted subject="network app" error=busy']);
});
