import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { removeOwnFolder } from './own-folder.ts';

const files = 40;
/** Removes the same files from the other end, again and again. */
const other = `
  const { workerData } = require('node:worker_threads');
  const { unlinkSync } = require('node:fs');
  for (;;)
    for (let name = ${files - 1}; name >= 0; name--)
      try { unlinkSync(workerData + '/' + name); } catch {}
`;

it('removes a folder whose files somebody else removes at the same time', async () => {
  const home = mkdtempSync(join(tmpdir(), 'seaway-own-folder-'));
  const folder = join(home, 'x');
  const worker = new Worker(other, { eval: true, workerData: folder });
  await new Promise((resolve) => worker.once('online', resolve));
  let left = 0;
  for (let time = 0; time < 200; time++) {
    mkdirSync(folder);
    for (let name = 0; name < files; name++) writeFileSync(join(folder, String(name)), '');
    removeOwnFolder(folder);
    if (existsSync(folder)) left += 1;
    rmSync(folder, { recursive: true, force: true });
  }
  await worker.terminate();
  rmSync(home, { recursive: true });
  expect(left).toBe(0);
});
