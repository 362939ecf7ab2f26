import { expect, it } from 'vitest';
import { ScopeQueue } from './scope-queue.ts';

/** Runs that end when they are told to. */
function runs() {
  const started: (() => void)[] = [];
  const run = (): Promise<void> => new Promise((resolve) => started.push(resolve));
  return { started, run };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('what is asked for while a scope runs is one further run for all', async () => {
  const queue = new ScopeQueue();
  const { started, run } = runs();
  const all = [1, 2, 3, 4].map(() => queue.request('a', run));
  expect(started).toHaveLength(1);
  started[0]?.();
  await settle();
  expect(started).toHaveLength(2);
  started[1]?.();
  await Promise.all(all);
  expect(started).toHaveLength(2);
});

it('different scopes run side by side', () => {
  const queue = new ScopeQueue();
  const { started, run } = runs();
  void queue.request('a', run);
  void queue.request('b', run);
  expect(started).toHaveLength(2);
});

it('a run that fails fails for its callers, and the next one runs', async () => {
  const queue = new ScopeQueue();
  const first = queue.request('a', () => Promise.reject(new Error('first')));
  const second = queue.request('a', () => Promise.resolve());
  await expect(first).rejects.toThrow('first');
  await expect(second).resolves.toBeUndefined();
  await queue.idle();
});

it('what is asked for after the second run began is a third', async () => {
  const queue = new ScopeQueue();
  const { started, run } = runs();
  void queue.request('a', run);
  void queue.request('a', run);
  started[0]?.();
  await settle();
  const third = queue.request('a', run);
  started[1]?.();
  await settle();
  expect(started).toHaveLength(3);
  started[2]?.();
  await third;
});

it('a run is told the needs of all who have asked for it, and of no others', async () => {
  const queue = new ScopeQueue<void, string>();
  const told: string[][] = [];
  const run = async (needs: ReadonlySet<string>): Promise<void> => void told.push([...needs]);
  await Promise.all([
    queue.request('a', run, ['x']),
    queue.request('a', run),
    queue.request('a', run, ['y']),
  ]);
  await queue.request('a', run);
  expect(told).toEqual([['x'], ['y'], []]);
});
