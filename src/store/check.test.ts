import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { whatIsWrong } from './check.ts';

/** Fails so many times in one folder. */
const checker = (times: number): readonly string[] => [
  'sh',
  '-c',
  `n=$(cat count 2>/dev/null || echo 0); echo $((n + 1)) >count; [ $n -ge ${times} ] || { echo "bad page" >&2; exit 1; }`,
];
const inFolder = (folder: string, times: number): readonly string[] => [
  'sh',
  '-c',
  `cd ${folder} && exec "$@"`,
  'sh',
  ...checker(times),
];

it('a store that is read well once is a good one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'seaway-check-test-'));
  expect(await whatIsWrong(folder, inFolder(folder, 2))).toBe('');
  rmSync(folder, { recursive: true });
});

it('one that is never read well is told of', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'seaway-check-test-'));
  expect(await whatIsWrong(folder, inFolder(folder, 9))).toBe('bad page');
  rmSync(folder, { recursive: true });
});
