/**
 * `docker run`, flag by flag: Seaway and real Docker are asked the same, and what the container sees, what
 * `inspect` says and how the client ends differ only where `run-flags/reasons.ts` says why.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { missingDockerd, openDockerPeer } from './docker-peer.ts';
import { openTestEngine } from './engine.ts';
import type { Difference } from './run-flags/compare.ts';
import { Judge } from './run-flags/judge.ts';
import { newerDocker, seawaysOwn, words } from './run-flags/reasons.ts';
import type { Row } from './run-flags/row.ts';
import { goodRows } from './run-flags/rows.ts';
import { compare, makeWorld, observe, type Seen, unshareMount } from './run-flags/world.ts';
import { wrongRows } from './run-flags/wrong.ts';

const missing = missingDockerd();
const skipped = missing === undefined ? '' : ` (skipped: ${missing})`;

/** As many rows at a time; each is run by both engines. */
const lanes = 3;

/** Root of this machine may lack capabilities, all of which Docker wants to give. */
const lacksCapabilities = ((): boolean => {
  const status = readFileSync('/proc/self/status', 'utf8');
  const last = Number(readFileSync('/proc/sys/kernel/cap_last_cap', 'utf8'));
  const bounding = BigInt(`0x${/^CapBnd:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  return bounding !== (1n << BigInt(last + 1)) - 1n;
})();

const rows = [...goodRows, ...wrongRows];
const isSkipped = (row: Row): boolean => row.allCapabilities === true && lacksCapabilities;

describe.skipIf(missing !== undefined)(`docker run beside Docker${skipped}`, () => {
  const docker = openDockerPeer();
  const seaway = openTestEngine();
  const judge = new Judge(words, [...newerDocker, ...seawaysOwn]);
  const results = new Map<Row, readonly Difference[]>();

  async function runRow(row: Row, at: number): Promise<void> {
    const seen = await Promise.all([docker, seaway].map((engine) => observe(engine, row, `row-${at}`)));
    const [theirs, ours] = seen as [Seen, Seen];
    results.set(row, judge.unexplained(row.name, compare(judge.reworded(theirs), ours)));
  }

  beforeAll(async () => {
    await Promise.all([docker, seaway].map(makeWorld));
    const queue = [...rows.entries()].filter(([, row]) => !isSkipped(row));
    const lane = async (): Promise<void> => {
      for (let next = queue.shift(); next; next = queue.shift()) await runRow(next[1], next[0]);
    };
    await Promise.all(Array.from({ length: lanes }, lane));
  }, 1_200_000);

  afterAll(() => Promise.all([docker, seaway].map(unshareMount)));

  for (const row of rows) {
    const why = isSkipped(row) ? ' (skipped: this machine withholds capabilities of root)' : '';
    test.skipIf(isSkipped(row))(`${row.name}${why}`, () => expect(results.get(row)).toEqual([]));
  }

  test('every reason and every newer wording is still met', () => {
    const unused = judge
      .unused()
      .filter((each) => each instanceof RegExp || !(each.allCapabilities && lacksCapabilities));
    expect(unused).toEqual([]);
  });
});
