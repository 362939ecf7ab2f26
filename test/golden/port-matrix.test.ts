/**
 * Ring 2: what is recorded of published ports (test/system/port-matrix.test.ts) differs from Docker only with a reason,
 * and docs/published-ports.md tells it. UPDATE_GOLDEN=1 rewrites the page.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { keyOf } from '../system/port-matrix/cells.ts';
import { pageOf } from '../system/port-matrix/page.ts';
import { differences, reasons } from '../system/port-matrix/reasons.ts';
import { cellsOf, readRecord } from '../system/port-matrix/record.ts';

const file = new URL('../../docs/published-ports.md', import.meta.url);
const [seaway, docker] = [readRecord('seaway'), readRecord('docker')];
const found = differences(seaway, docker);

it('every cell is recorded', () => {
  expect(cellsOf('seaway').filter((cell) => !seaway.has(keyOf(cell)))).toEqual([]);
  expect(cellsOf('docker').filter((cell) => !docker.has(keyOf(cell)))).toEqual([]);
});

it('published ports differ from those of Docker only with a reason', () => {
  const unexplained = found.filter(({ reason }) => !reason);
  expect(unexplained.map((each) => `${keyOf(each.cell)}: ${each.seaway}, Docker ${each.docker}`)).toEqual([]);
});

it('no reason is left over', () => {
  const used = new Set(found.map(({ reason }) => reason));
  expect(reasons.filter((reason) => !used.has(reason))).toEqual([]);
});

it('the page for users tells what is recorded', () => {
  const page = pageOf(seaway, docker);
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(file, page);
  expect(existsSync(file) ? readFileSync(file, 'utf8') : '').toBe(page);
});
