import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Reserve } from './reserve.ts';

const folder = mkdtempSync(join(tmpdir(), 'seaway-reserve-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('it is made where it is missing, given up once, and found again', async () => {
  const path = join(folder, 'reserve');
  const reserve = new Reserve(path);
  expect(reserve.release()).toBe(false);
  reserve.refill();
  await reserve.idle();
  expect(statSync(path).size).toBe(1 << 20);
  const next = new Reserve(path);
  expect(next.release()).toBe(true);
  expect(existsSync(path)).toBe(false);
  expect(next.release()).toBe(false);
  next.refill();
  await next.idle();
  expect(existsSync(path), 'not again within a minute').toBe(false);
});

test('one that was cut off does not count, and one that cannot be made is no error', async () => {
  const path = join(folder, 'short');
  writeFileSync(path, 'x');
  expect(new Reserve(path).release()).toBe(false);
  const nowhere = new Reserve(join(folder, 'none', 'reserve'));
  nowhere.refill();
  await nowhere.idle();
  expect(nowhere.release()).toBe(false);
});
