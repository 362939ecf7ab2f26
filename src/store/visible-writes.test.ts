import type { RootDatabase } from 'lmdb';
import { expect, it } from 'vitest';
import { VisibleWrites } from './visible-writes.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** lmdb with one transaction, numbered 7, whose progress the test decides. */
function open() {
  const written = Promise.withResolvers<void>();
  let report = (): unknown => undefined;
  let lastTxnId = 6;
  const env = {
    startWriting: (_address: number, progress: (status: number) => unknown) => {
      report = () => progress(1);
    },
    info: () => ({ lastTxnId }),
  };
  const root = {
    env,
    childTransaction: async (work: () => void) => {
      env.startWriting(0, () => undefined);
      work();
      await written.promise;
    },
    getWriteTxnId: () => 7,
  };
  const later: unknown[] = [];
  const writes = new VisibleWrites(root as unknown as RootDatabase, async (error) => {
    later.push(error);
  });
  const progress = (last: number): void => {
    lastTxnId = last;
    report();
  };
  return { writes, written, progress, later };
}

/** What has become of a promise so far. */
const stateOf = (promise: Promise<unknown>): Promise<string> =>
  Promise.race([
    promise.then(
      () => 'resolved',
      (error) => `rejected: ${error}`,
    ),
    turn().then(() => 'pending'),
  ]);

it('a write ends when readers see it, not when the disk has it', async () => {
  const { writes, written, progress } = open();
  const write = writes.write(() => undefined);
  expect(await stateOf(write)).toBe('pending');
  progress(6);
  expect(await stateOf(write)).toBe('pending');
  progress(7);
  expect(await stateOf(write)).toBe('resolved');
  const flushed = writes.flushed();
  expect(await stateOf(flushed)).toBe('pending');
  written.resolve();
  expect(await stateOf(flushed)).toBe('resolved');
});

it('rejects where the disk refuses it before readers see it', async () => {
  const { writes, written, progress, later } = open();
  const write = writes.write(() => undefined);
  progress(6);
  written.reject('full');
  expect(await stateOf(write)).toBe('rejected: full');
  expect(later).toEqual([]);
});

it('tells of what readers have seen and the disk has not', async () => {
  const { writes, written, progress, later } = open();
  const write = writes.write(() => undefined);
  progress(7);
  expect(await stateOf(write)).toBe('resolved');
  written.reject('broken');
  await writes.flushed();
  expect(later).toEqual(['broken']);
});

it('rejects with what the work throws', async () => {
  const { writes } = open();
  const write = writes.write(() => {
    throw new Error('no');
  });
  expect(await stateOf(write)).toBe('rejected: Error: no');
});

it('ends with the transaction where lmdb reports no progress', async () => {
  const { writes, written } = open();
  const write = writes.write(() => undefined);
  written.resolve();
  expect(await stateOf(write)).toBe('resolved');
});
