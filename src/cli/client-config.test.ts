import { lstat, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { changeClientConfig, readClientConfig } from './client-config.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seaway-client-config-'));
  path = join(folder, 'docker/config.json');
});
afterEach(() => rm(folder, { recursive: true }));

const withAuth = (): Promise<void> =>
  changeClientConfig(path, (config) => ({ ...config, auths: { ...config.auths, r: { auth: 'x' } } }));

test('a missing file, and one that says null, are empty', async () => {
  const complain = (message: string) => expect.fail(message);
  expect(await readClientConfig(path, complain)).toEqual({});
  await mkdir(join(folder, 'docker'));
  await writeFile(path, 'null');
  expect(await readClientConfig(path, complain)).toEqual({});
  await withAuth();
  expect(await readClientConfig(path, complain)).toEqual({ auths: { r: { auth: 'x' } } });
});

test('it is rewritten for its owner alone, and keeps what it does not know', async () => {
  await mkdir(join(folder, 'docker'));
  await writeFile(path, '{"own": 1}');
  await withAuth();
  expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ own: 1, auths: { r: { auth: 'x' } } });
  expect((await lstat(path)).mode & 0o777).toBe(0o600);
});

test('a symbolic link stays one', async () => {
  await mkdir(join(folder, 'docker'));
  await writeFile(join(folder, 'dotfile'), '{}');
  await symlink('../dotfile', path);
  await withAuth();
  expect((await lstat(path)).isSymbolicLink()).toBe(true);
  expect(await readFile(join(folder, 'dotfile'), 'utf8')).toContain('"auth": "x"');
});
