import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Feed } from './feed.ts';
import type { Changes, Entry, Snapshot } from './kv.ts';

const entry = (key: string, revision: number): Entry => ({ key, revision, value: `${key}@${revision}` });
const range = (revision: number, ...entries: readonly Entry[]) => ({ revision, entries });

/** What waits, taken at once. */
async function take(feed: Feed): Promise<Snapshot | Changes | undefined> {
  const iterator: AsyncIterator<Snapshot | Changes> = feed[Symbol.asyncIterator]();
  const next = await Promise.race([iterator.next(), new Promise<void>((resolve) => setTimeout(resolve, 5))]);
  return next ? next.value : undefined;
}

describe('a feed', () => {
  it('puts together what was not taken: changes into a snapshot, and into each other', async () => {
    const feed = new Feed();
    feed.snapshot(range(1, entry('a', 1), entry('b', 1)));
    feed.changes({ revision: 2, put: [entry('c', 2)], removed: ['a'] });
    expect(await take(feed)).toEqual({ kind: 'snapshot', ...range(2, entry('b', 1), entry('c', 2)) });
    feed.changes({ revision: 3, put: [entry('b', 3)], removed: ['c'] });
    feed.changes({ revision: 4, put: [entry('c', 4)], removed: ['b'] });
    expect(await take(feed)).toEqual({ kind: 'changes', revision: 4, put: [entry('c', 4)], removed: ['b'] });
  });

  it('leaves out what is known', async () => {
    const feed = new Feed();
    feed.snapshot(range(5, entry('a', 5)));
    await take(feed);
    feed.changes({ revision: 5, put: [entry('a', 5)], removed: ['never'] });
    feed.state(range(6, entry('a', 5)));
    expect(await take(feed)).toBeUndefined();
  });

  it('tells a state of an older revision as a snapshot', async () => {
    const feed = new Feed();
    feed.state(range(9, entry('a', 9)));
    await take(feed);
    feed.state(range(10, entry('a', 10)));
    expect(await take(feed)).toMatchObject({ kind: 'changes' });
    feed.state(range(3, entry('a', 3)));
    expect(await take(feed)).toMatchObject({ kind: 'snapshot', revision: 3 });
  });

  it('ends a consumer that waits, and tells no more', async () => {
    const feed = new Feed();
    const done = (async () => {
      for await (const _ of feed) throw new Error('nothing was there');
    })();
    feed.end();
    feed.snapshot(range(1));
    await done;
  });

  it('tells when its consumer leaves the loop', async () => {
    let left = false;
    const feed = new Feed(() => {
      left = true;
    });
    feed.snapshot(range(1));
    for await (const _ of feed) break;
    expect(left).toBe(true);
  });

  it('ends with the last state, whatever is taken when, and never tells a revision of a key twice', async () => {
    const step = fc.record({
      key: fc.constantFrom('a', 'b', 'c'),
      gone: fc.boolean(),
      whole: fc.boolean(),
      taken: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
        const feed = new Feed();
        const [truth, known] = [new Map<string, Entry>(), new Map<string, Entry>()];
        const seen = new Set<string>();
        const learn = (one: Snapshot | Changes | undefined): void => {
          if (one?.kind === 'snapshot') known.clear();
          for (const told of one?.kind === 'snapshot' ? one.entries : (one?.put ?? [])) {
            expect(seen.has(told.value)).toBe(false);
            seen.add(told.value);
            known.set(told.key, told);
          }
          if (one?.kind === 'changes') for (const key of one.removed) known.delete(key);
        };
        feed.snapshot(range(0));
        for (const [index, { key, gone, whole, taken }] of steps.entries()) {
          const revision = index + 1;
          if (gone) truth.delete(key);
          else truth.set(key, entry(key, revision));
          if (whole) feed.state(range(revision, ...truth.values()));
          else
            feed.changes({ revision, put: gone ? [] : [entry(key, revision)], removed: gone ? [key] : [] });
          if (taken) learn(await take(feed));
        }
        learn(await take(feed));
        expect(new Map(known)).toEqual(truth);
      }),
      { numRuns: 60 },
    );
  });
});
