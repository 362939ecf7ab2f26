import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { locate } from './discovery.ts';
import { exchange } from './exchange.ts';
import { readPluginFile } from './plugin-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'plugin-file-'));
afterAll(() => rmSync(folder, { recursive: true }));

const path = (name: string): string => join(folder, name);
execFileSync('mkfifo', [path('pipe.spec')]);
symlinkSync('/dev/zero', path('zero.spec'));
writeFileSync(path('large.spec'), '');
truncateSync(path('large.spec'), 2 ** 40);
writeFileSync(path('plain.spec'), 'unix:///x');

test('a file is read up to its limit, and nothing that is no file', async () => {
  expect(String(await readPluginFile(path('plain.spec'), 9))).toBe('unix:///x');
  await expect(readPluginFile(path('plain.spec'), 8)).rejects.toThrow('it is larger than 8 bytes');
  for (const name of ['pipe.spec', 'zero.spec', '.'])
    expect(await readPluginFile(path(name), 100)).toBeUndefined();
});

test('a plugin whose file has no end, or waits for a writer, keeps nobody waiting', async () => {
  expect(await locate([folder], 'pipe')).toBeUndefined();
  expect(await locate([folder], 'zero')).toBeUndefined();
  await expect(locate([folder], 'large')).rejects.toThrow('it is larger than 65536 bytes');
  for (const caFile of [path('pipe.spec'), '/dev/zero', path('large.spec')]) {
    const tls = { verify: true, caFile, certFile: '', keyFile: '' };
    const address = { scheme: 'https', socket: '', host: 'localhost', port: 1, tls } as const;
    const asked = { method: 'Plugin.Activate', body: '', timeout: 1000 };
    await expect(exchange(address, asked)).rejects.toThrow(`plugin file ${caFile}: it is `);
  }
});
