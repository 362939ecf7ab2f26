import { statSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { HostPaths } from './host-paths.ts';

const stats = statSync('/');

/** Look-ups at or below these never end until they are let go. */
function hostWith(
  mounts: Readonly<Record<string, string>>,
  links: Readonly<Record<string, string>> = {},
  limit = 50,
) {
  const { promise: answer, resolve: revive } = Promise.withResolvers<void>();
  const dead = Object.keys(mounts);
  const isDead = (path: string): boolean => dead.some((mount) => `${path}/`.startsWith(`${mount}/`));
  const missing = (): never => {
    throw Object.assign(new Error('missing'), { code: 'ENOENT' });
  };
  const lstat = vi.fn(async (path: string) => {
    if (isDead(path)) await answer;
    if (path.endsWith('/none')) missing();
    return { isSymbolicLink: () => links[path] !== undefined };
  });
  const mkdir = vi.fn(async () => undefined);
  const stat = vi.fn(async () => stats);
  const close = vi.fn(async () => undefined);
  const open = async (path: string) => {
    if (path.endsWith('/slow')) await answer;
    return { fd: 7, close };
  };
  const readlink = async (path: string): Promise<string> => links[path] ?? missing();
  const table = { '/': 'ext4', '/proc': 'proc', ...mounts };
  const paths = new HostPaths({
    files: { lstat, readlink, mkdir, stat, open },
    mounts: () => Object.entries(table).map(([target, type]) => ({ root: '/', target, type })),
    patience: 5,
    limit,
  });
  const hanging = (): number => lstat.mock.calls.filter(([path]) => isDead(path)).length;
  return { paths, mkdir, stat, close, revive, hanging };
}

const silent = (path: string) => ({ code: 'HOST_PATH_SILENT', message: expect.stringContaining(path) });

test('a path is followed through links, and a missing one is made', async () => {
  const { paths, mkdir } = hostWith({}, { '/a/link': '../b', '/b/abs': '/c', '/loop': 'loop' });
  expect(await paths.real('/a/link/abs/d')).toBe('/c/d');
  expect(await paths.stat('/a/link')).toBe(stats);
  expect(await paths.exists('/a/none')).toBe(false);
  expect(await paths.exists('/loop')).toBe(false);
  await paths.ensureFolder('/a/there');
  expect(mkdir).not.toHaveBeenCalled();
  await paths.ensureFolder('/a/none');
  expect(mkdir).toHaveBeenCalledWith('/a/none');
});

test('what a process refers to is looked up whole', async () => {
  const { paths, stat } = hostWith({}, { '/proc/self': '7' });
  expect(await paths.real('/proc/self/ns/net')).toBe('/proc/7/ns/net');
  expect(stat).toHaveBeenCalledWith('/proc/7/ns/net');
});

test('a dead mount holds one look-up, by whatever path, and others are answered', async () => {
  const { paths, hanging } = hostWith({ '/dead': 'nfs4' }, { '/link': '/dead/x' });
  const asked = ['/dead/a', '/dead/b', '/link'].map((path) => paths.exists(path));
  const other = paths.exists('/srv/data');
  expect(await other).toBe(true);
  const answers = await Promise.allSettled(asked);
  expect(answers).toMatchObject(Array(3).fill({ status: 'rejected', reason: silent('/dead') }));
  await expect(paths.exists('/dead/c')).rejects.toMatchObject(silent('/dead'));
  expect(hanging()).toBe(1);
});

test('at most two mounts hang; then only local file systems are looked at', async () => {
  const { paths, hanging } = hostWith({ '/one': 'nfs', '/two': 'fuse.sshfs', '/three': 'cifs' });
  const asked = await Promise.allSettled(['/one', '/two', '/three'].map((path) => paths.exists(path)));
  expect(asked[2]).toMatchObject({ reason: { code: 'HOST_PATHS_HANG' } });
  expect(hanging()).toBe(2);
  expect(await paths.exists('/srv')).toBe(true);
  expect(await paths.exists('/proc/7/ns/net')).toBe(true);
  await expect(paths.exists('/proc/7/root/x')).rejects.toMatchObject({ code: 'HOST_PATHS_HANG' });
});

test('a mount that answers again is looked at again', async () => {
  const { paths, revive } = hostWith({ '/dead': 'nfs' });
  await expect(paths.exists('/dead')).rejects.toMatchObject(silent('/dead'));
  revive();
  await vi.waitFor(async () => expect(await paths.exists('/dead/a')).toBe(true));
});

test('a file that opens when it was given up is closed', async () => {
  const { paths, close, revive } = hostWith({ '/dead': 'nfs4' });
  expect(await paths.open('/a/file')).toMatchObject({ fd: 7 });
  expect(await paths.open('/a/none')).toBe(undefined);
  await expect(paths.open('/a/slow')).rejects.toMatchObject(silent('/a/slow'));
  expect(close).not.toHaveBeenCalled();
  revive();
  await expect.poll(() => close.mock.calls.length).toBe(1);
});

test('at the end of the engine what does not answer is given up, and the rest is answered', async () => {
  const { paths } = hostWith({ '/dead': 'nfs4' }, {}, 60_000);
  const asked = expect(paths.exists('/dead/a')).rejects.toMatchObject(silent('/dead'));
  expect(await paths.exists('/srv')).toBe(true);
  paths.hasten();
  await asked;
  await expect(paths.exists('/dead/b')).rejects.toMatchObject(silent('/dead'));
  expect(await paths.exists('/srv')).toBe(true);
});
