import { describe, expect, it } from 'vitest';
import { fail, messageOf } from '../errors.ts';
import { CommitQueue } from './commit-queue.ts';

function recording(refuse: (jobs: readonly string[]) => Error | undefined = () => undefined) {
  const written: string[][] = [];
  const ends: string[] = [];
  const queue = new CommitQueue<string>(async (jobs) => {
    await new Promise((resolve) => setImmediate(resolve));
    const error = refuse(jobs);
    if (error) throw error;
    written.push([...jobs]);
  });
  const add = (job: string): Promise<void> =>
    queue.add(job).then(
      () => void ends.push(job),
      (error: unknown) => void ends.push(`${job}: ${messageOf(error)}`),
    );
  return { written, ends, add, queue };
}

const full = (): Error => fail('STORE_NOT_WRITTEN', 'state', 'no space left on device');

describe('commits', () => {
  it('that are asked for at once are one transaction; what comes meanwhile is the next', async () => {
    const { written, ends, add, queue } = recording();
    const first = [add('a'), add('b')];
    await Promise.resolve();
    await Promise.resolve();
    await Promise.all([...first, add('c')]);
    await queue.idle();
    expect([written, ends]).toEqual([
      [['a', 'b'], ['c']],
      ['a', 'b', 'c'],
    ]);
  });

  it('behind one that the disk refuses fail with it, the last first, and later ones go on', async () => {
    let isFull = true;
    const { written, ends, add } = recording(() => (isFull ? full() : undefined));
    const first = add('a');
    await Promise.resolve();
    await Promise.resolve();
    await Promise.all([first, add('b'), add('c')]);
    isFull = false;
    await add('d');
    const why = 'write state: no space left on device';
    expect([written, ends]).toEqual([[['d']], [`c: ${why}`, `b: ${why}`, `a: ${why}`, 'd']]);
  });

  it('of which one is wrong in itself leave the others alone', async () => {
    const { written, ends, add } = recording((jobs) =>
      jobs.includes('bad') ? new Error('too long') : undefined,
    );
    await Promise.all(['a', 'bad', 'b'].map(add));
    expect([written, ends]).toEqual([
      [['a'], ['b']],
      ['a', 'bad: too long', 'b'],
    ]);
  });
});
