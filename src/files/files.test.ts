import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hasNames, isTexts, putAside, readJson } from './damaged.ts';
import { writeInPlace } from './write-in-place.ts';
import { writeWhole, writeWholeSync } from './write-whole.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'seaway-files-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('a file that is written whole', () => {
  it('takes the place of the one before it, and leaves nothing beside', async () => {
    const path = join(folder, 'file');
    await writeWhole(path, 'one', { mode: 0o640 });
    writeWholeSync(path, 'two');
    expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777, readdirSync(folder)]).toEqual([
      'two',
      0o600,
      ['file'],
    ]);
  });

  it('stays as it was where the new one cannot be written', async () => {
    const path = join(folder, 'file');
    writeWholeSync(path, 'one');
    function* broken(): Iterable<string> {
      yield 'tw';
      throw new Error('no more');
    }
    await expect(writeWhole(path, broken())).rejects.toThrow('no more');
    expect([readFileSync(path, 'utf8'), readdirSync(folder)]).toEqual(['one', ['file']]);
  });
});

describe('a file that is written in place', () => {
  it.each([
    ['longer', 'one', 'one and two'],
    ['shorter', 'one and two', 'three'],
    ['new', undefined, 'one'],
    ['empty', 'one', ''],
  ])('is the same file, and has the %s content', (_kind, before, after) => {
    const path = join(folder, 'hosts');
    if (before !== undefined) writeFileSync(path, before);
    const inode = before === undefined ? undefined : statSync(path).ino;
    writeInPlace(path, after, 0o644);
    expect([readFileSync(path, 'utf8'), statSync(path).ino]).toEqual([after, inode ?? statSync(path).ino]);
  });
});

describe('a file of JSON', () => {
  it.each([
    ['', 'it is empty'],
    ['{"a":', 'Unexpected end of JSON input'],
    ['null', 'it is JSON of another form'],
    ['{}', 'it is JSON of another form'],
    ['[1]', 'it is JSON of another form'],
  ])('that holds %j is named with its path', async (content, why) => {
    const path = join(folder, 'a.json');
    writeFileSync(path, content);
    const reading = readJson(path, isTexts);
    await expect(reading).rejects.toThrow(`${path} is damaged: ${why}`);
    const aside = putAside(path, new Date('2026-01-02T03:04:05.678Z'));
    expect([await readJson(path, isTexts), aside]).toEqual([
      undefined,
      `${path}.damaged-2026-01-02T03-04-05-678Z`,
    ]);
  });

  it('is read; one that is not there is nothing', async () => {
    writeFileSync(join(folder, 'a.json'), '["a"]');
    expect([
      await readJson(join(folder, 'a.json'), isTexts),
      await readJson(join(folder, 'b.json'), isTexts),
    ]).toEqual([['a'], undefined]);
  });
});

it('an object has all the names that are asked for', () => {
  const isForm = hasNames<{ a: number; b: number }>('a', 'b');
  expect([{ a: 1, b: 2 }, { a: 1 }, null, 'ab'].map(isForm)).toEqual([true, false, false, false]);
});
