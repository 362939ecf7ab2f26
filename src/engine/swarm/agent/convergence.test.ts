import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { scopesOf } from '../../../affected/affected.ts';
import { Retries } from '../../../reconcile/retries.ts';
import { Convergence } from './convergence.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
const one = scopesOf({ networks: new Set(['n']) });
const every = scopesOf({ networks: new Set(['n', 'm']) });

function kernel() {
  const follow = vi.fn(async () => undefined);
  const acknowledge = vi.fn();
  const convergence = new Convergence({
    ...{ retries: new Retries(logger), follow, all: () => every, acknowledge },
  });
  const settle = () => vi.advanceTimersByTimeAsync(0);
  return { follow, acknowledge, convergence, settle };
}

it('a revision is acknowledged once it and all before it are followed', async () => {
  const { follow, acknowledge, convergence, settle } = kernel();
  const slow = Promise.withResolvers<undefined>();
  follow.mockReturnValueOnce(slow.promise);
  convergence.take(1, one);
  convergence.take(2, undefined);
  await settle();
  expect(acknowledge).not.toHaveBeenCalled();
  slow.resolve(undefined);
  await settle();
  expect(acknowledge.mock.calls).toEqual([[1], [2]]);
});

it('what fails, also more than once, is tried again and acknowledged then', async () => {
  const { follow, acknowledge, convergence, settle } = kernel();
  follow.mockRejectedValueOnce(new Error('first')).mockRejectedValueOnce(new Error('second'));
  convergence.take(1, one);
  await settle();
  convergence.take(2, undefined);
  await settle();
  expect(acknowledge).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(follow).toHaveBeenLastCalledWith(every);
  expect(acknowledge.mock.calls).toEqual([[2]]);
  convergence.take(3, one);
  await settle();
  expect(acknowledge).toHaveBeenLastCalledWith(3);
});

it('nothing is said once it is closed', async () => {
  const { acknowledge, convergence, settle } = kernel();
  convergence.take(1, one);
  convergence.close();
  await settle();
  expect(acknowledge).not.toHaveBeenCalled();
});
