import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { hostPaths } from '../../src/kernel/files/host-paths.ts';
import { openForeign } from '../../src/kernel/netns/foreign.ts';
import { canBeDead, mountDead } from './dead-mount.ts';
import { openRig } from './rig.ts';

const rig = openRig();
const kernel = rig.kernel();
const own = (): string => readlinkSync('/proc/thread-self/ns/net');

test('a namespace is made, is listed, and the thread is back where it was', () => {
  const before = own();
  const path = rig.path('a');
  kernel.createNamespace(path);
  expect(own()).toBe(before);
  expect(kernel.listNamespaces('/run/netns')).toContain(path);
  expect(kernel.listNamespaces(path)).toEqual([path]);
  expect(rig.run(path, 'readlink', '/proc/self/ns/net').trim()).not.toBe(before);
  expect(rig.ip(path, 'link', 'show').map((link) => link.ifname)).toEqual(['lo']);
});

test('making it again leaves it as it is', () => {
  const path = rig.path('a');
  const inode = statSync(path).ino;
  kernel.createNamespace(path);
  expect(statSync(path).ino).toBe(inode);
  expect(kernel.listMounts(path)).toEqual([path]);
});

test('an open namespace knows its path and lets functions run inside', () => {
  const path = rig.path('a');
  const there = kernel.openNamespace(path);
  expect(there.path).toBe(path);
  const outer = own();
  const inner = there.inside(own);
  expect(inner).toBe(`net:[${statSync(path).ino}]`);
  expect(own()).toBe(outer);
  expect(() =>
    there.inside(() => {
      throw new Error('within');
    }),
  ).toThrow('within');
  expect(own()).toBe(outer);
  there.close();
});

test('being inside nests, and each step leads back to the one before', () => {
  kernel.createNamespace(rig.path('b'));
  const [a, b] = [kernel.openNamespace(rig.path('a')), kernel.openNamespace(rig.path('b'))];
  const seen = a.inside(() => [own(), b.inside(own), own()]);
  expect(seen[0]).toBe(seen[2]);
  expect(seen[1]).not.toBe(seen[0]);
  a.close();
  b.close();
});

test('a FIFO is refused at once, not when it has a writer', () => {
  const fifo = join(mkdtempSync(join(tmpdir(), 'sw-fifo-')), 'fifo');
  execFileSync('mkfifo', [fifo]);
  const writer = spawn('sh', ['-c', 'sleep 30; : > "$0"', fifo], { stdio: 'ignore' });
  const began = performance.now();
  const fd = kernel.openNamespace(fifo);
  expect(() => fd.inside(own)).toThrow('enter a network namespace');
  expect(performance.now() - began).toBeLessThan(20_000);
  fd.close();
  writer.kill();
  rmSync(dirname(fifo), { recursive: true });
});

test('one that a user names is opened by its path, and a missing one is an error that names it', async () => {
  const path = rig.path('a');
  const there = await openForeign(kernel, path);
  expect(there.path).toBe(path);
  expect(there.inside(own)).toBe(`net:[${statSync(path).ino}]`);
  there.close();
  await expect(openForeign(kernel, '/run/netns/none')).rejects.toThrow(
    'open network namespace "/run/netns/none"',
  );
});

test.runIf(canBeDead)('one on a mount that does not answer holds nothing else up', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sw-dead-'));
  const revive = mountDead(folder);
  try {
    const opened = openForeign(kernel, join(folder, 'ns')).catch((error: unknown) => error);
    expect(await Promise.race([opened, delay(200, 'it waits')])).toBe('it waits');
    hostPaths.hasten();
    expect(await opened).toMatchObject({ code: 'HOST_PATH_SILENT' });
  } finally {
    revive();
    rmSync(folder, { recursive: true });
  }
});

test('asynchronous work inside is refused as the bug that it is', () => {
  expect(() => kernel.host.inside(() => Promise.resolve())).toThrow('a bug in seaway');
});

test('a namespace of a process can be opened', () => {
  const { pid } = rig.start('outside', 'sleep', '60');
  // nsenter enters before it becomes the command
  const comm = (): string => rig.run('host', 'cat', `/proc/${pid}/comm`).trim();
  while (comm() !== 'sleep');
  const there = kernel.openNamespace(`/proc/${pid}/ns/net`);
  expect(there.route.findLink('up1')).toBeDefined();
  there.close();
});

test('removing takes the mount and the file away, and is no error when they are gone', async () => {
  const path = rig.path('b');
  await kernel.removeNamespace(path);
  expect(existsSync(path)).toBe(false);
  expect(kernel.listNamespaces('/run/netns')).not.toContain(path);
  await kernel.removeNamespace(path);
});

test('a namespace that is not there is an error that names it', () => {
  expect(() => kernel.openNamespace('/run/netns/sw-nowhere')).toThrow(
    'open network namespace "/run/netns/sw-nowhere": no such file or directory (ENOENT)',
  );
});

test('opening and closing leaves no descriptor behind', async () => {
  const count = (): number => readdirSync('/proc/self/fd').length;
  const path = rig.path('a');
  const once = async (): Promise<void> => {
    const there = kernel.openNamespace(path);
    there.route.createLink({ type: 'bridge', name: 'br0' });
    await there.route.removeLinks(['br0']);
    there.nft('list ruleset');
    there.close();
  };
  await once();
  const before = count();
  for (let i = 0; i < 5; i++) await once();
  // sockets of netfilter are closed on another thread
  await vi.waitFor(() => expect(count()).toBeLessThanOrEqual(before), { timeout: 10_000 });
});
