import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { sealBy } from './seal.ts';

const folder = mkdtempSync(join(tmpdir(), 'seaway-seal-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('is the same for the next process, and another one on another host', () => {
  const path = join(folder, 'a');
  const seal = sealBy(path)('text');
  expect(seal).toMatch(/^[0-9a-f]{32}$/);
  expect([sealBy(path)('text'), sealBy(path)('texts') === seal]).toEqual([seal, false]);
  expect(sealBy(join(folder, 'below', 'b'))('text')).not.toBe(seal);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

it('begins with a new key where the file is broken', () => {
  const path = join(folder, 'c');
  writeFileSync(path, '');
  const seal = sealBy(path)('text');
  expect(sealBy(path)('text')).toBe(seal);
});
