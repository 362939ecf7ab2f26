import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { Swarm } from '../../test/swarm/fixture.ts';
import { createLogger } from '../observe/logger.ts';
import { Copies, newestCopy, readCopy } from './copies.ts';
import { newSecret, sealBy } from './sealing.ts';

const folder = mkdtempSync('/tmp/seaway-copies-');
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const seal = sealBy(newSecret());

/** Days of November. */
const day = (number: number): Date => new Date(Date.UTC(2026, 10, number));

it('a copy has all records, and tells them to who has the key alone', async () => {
  const swarm = new Swarm();
  for (let i = 0; i < 250; i++) swarm.node(`node${i}`);
  const place = join(folder, 'one');
  const copies = new Copies({ folder: place, view: swarm.view, seal, logger: createLogger('error') });
  const path = await copies.copy(day(1));
  const read = await readCopy(path, seal);
  const nodes = read.flatMap((one) => (one.table === 'nodes' && 'put' in one ? [one.put] : []));
  expect(nodes.map((node) => ({ ...node, version: 1 }))).toEqual(
    Array.from(swarm.view.all('nodes'), (node) => ({ ...node, version: 1 })),
  );
  expect(readFileSync(path, 'utf8')).not.toContain('node1');
  await expect(readCopy(path, sealBy(newSecret()))).rejects.toThrow('cannot be opened');
});

it('the newest eight are kept', async () => {
  const place = join(folder, 'two');
  expect(await newestCopy(place)).toBeUndefined();
  const { view } = new Swarm();
  const copies = new Copies({ folder: place, view, seal, logger: createLogger('error') });
  for (let i = 1; i <= 10; i++) await copies.copy(day(i));
  expect(readdirSync(place).sort()).toEqual(
    Array.from({ length: 8 }, (_, i) => `records-202611${String(i + 3).padStart(2, '0')}T000000000Z.jsonl`),
  );
  expect(await newestCopy(place)).toBe('records-20261110T000000000Z.jsonl');
});
