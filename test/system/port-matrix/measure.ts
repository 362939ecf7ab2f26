/** Asks in all cells at once, and puts what came of it into words. */
import type { EngineHost } from '../engine-host.ts';
import { type Cell, keyOf } from './cells.ts';
import { ask, inside, type Outcome } from './probe.ts';
import type { Results } from './record.ts';
import { type Asked, openWorld, questionOf, type World, wordOf } from './world.ts';

/** The kernel repeats what begins a connection after a second. What is passed on by a process may wait for a processor. */
const patience = { first: 1500, again: 20_000 };

const worded = (cell: Cell, { failure, name, seen = '', own = '' }: Outcome): string => {
  if (failure !== undefined) return `-${failure}`;
  return name === cell.mode.name ? wordOf(cell, seen, own) : `answered by ${name}`;
};

async function askAll(world: World, asked: readonly Cell[], wait: number): Promise<Map<string, string>> {
  const results = new Map<string, string>();
  const ends: Promise<void>[] = [];
  const one = async (cell: Cell, { host, port }: Asked): Promise<void> => {
    const outcome = await ask({ host, port, protocol: cell.protocol, patience: wait });
    results.set(keyOf(cell), worded(cell, outcome));
  };
  for (const [namespace, group] of Map.groupBy(asked, (cell) => questionOf(world, cell)?.namespace)) {
    if (namespace === undefined) for (const cell of group) results.set(keyOf(cell), '-not published');
    else
      await inside(namespace, world.home, () => {
        for (const cell of group) {
          const question = questionOf(world, cell);
          if (question) ends.push(one(cell, question));
        }
      });
  }
  await Promise.all(ends);
  return results;
}

/** Cells that are not as expected are asked once more, with more patience. */
export async function measure(
  engine: EngineHost,
  { cells, expected }: { readonly cells: readonly Cell[]; readonly expected: Results },
): Promise<Results> {
  const world = await openWorld(engine, cells);
  const results = await askAll(world, cells, patience.first);
  const wrong = cells.filter((cell) => results.get(keyOf(cell)) !== expected.get(keyOf(cell)));
  for (const [key, word] of await askAll(world, wrong, patience.again)) results.set(key, word);
  return results;
}
