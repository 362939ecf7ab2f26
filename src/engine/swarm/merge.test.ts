import { expect, test } from 'vitest';
import { Merge } from './merge.ts';

async function* counting(name: string, count: number): AsyncGenerator<string> {
  for (let i = 1; i <= count; i++) yield `${name}${i}`;
}

async function allOf(source: AsyncIterable<string>): Promise<readonly string[]> {
  const all: string[] = [];
  for await (const each of source) all.push(each);
  return all;
}

/** Yields nothing; `ended` once it is closed. */
const silent = (): AsyncIterable<string> & { ended: boolean } => {
  const source = {
    ended: false,
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise<IteratorResult<string>>(() => undefined),
      return: async () => {
        source.ended = true;
        return { done: true as const, value: undefined };
      },
    }),
  };
  return source;
};

test('has all that its sources give, each in its order', async () => {
  const merge = new Merge<string>({ open: false });
  merge.add(counting('a', 3));
  merge.add(counting('b', 2));
  const all = await allOf(merge);
  expect(all.filter((each) => each.startsWith('a'))).toEqual(['a1', 'a2', 'a3']);
  expect(all.filter((each) => each.startsWith('b'))).toEqual(['b1', 'b2']);
});

test('stays open for sources that join, until it is closed', async () => {
  const merge = new Merge<string>({ open: true });
  const read = allOf(merge);
  setImmediate(() => {
    merge.add(counting('late', 1));
    setImmediate(() => merge.close());
  });
  expect(await read).toEqual(['late1']);
});

test('asks a source for no more than was taken', async () => {
  let given = 0;
  async function* eager(): AsyncGenerator<number> {
    for (;;) yield ++given;
  }
  const merge = new Merge<number>({ open: false });
  merge.add(eager());
  for await (const each of merge) if (each === 3) break;
  expect(given).toBe(3);
});

test('fails when all have ended, with what the others gave before', async () => {
  async function* failing(): AsyncGenerator<string> {
    yield 'x';
    throw new Error('cut');
  }
  const merge = new Merge<string>({ open: false });
  merge.add(failing());
  merge.add(counting('a', 5));
  const seen: string[] = [];
  await expect(
    (async () => {
      for await (const each of merge) seen.push(each);
    })(),
  ).rejects.toThrow('cut');
  expect(seen.filter((each) => each.startsWith('a'))).toHaveLength(5);
});

test('ends its sources when the reader stops', async () => {
  const source = silent();
  const merge = new Merge<string>({ open: false });
  merge.add(source);
  merge.add(counting('a', 1));
  for await (const _ of merge) break;
  expect(source.ended).toBe(true);
});
