import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openRig } from './rig.ts';

const kernel = openRig().kernel();
// a name with everything that mountinfo escapes
const folder = mkdtempSync(join(tmpdir(), 'sw mounts\t\\ü-'));

afterAll(() => {
  for (const target of kernel.listMounts(folder)) kernel.unmount(target);
  rmSync(folder, { recursive: true });
});

const tmpfs = (target: string): void => {
  mkdirSync(target, { recursive: true });
  kernel.mount({ source: 'tmpfs', target, type: 'tmpfs', flags: 0, data: 'size=64k,mode=700' });
};

test('mounts below a folder are listed, deepest first', () => {
  tmpfs(join(folder, 'a'));
  tmpfs(join(folder, 'a', 'b'));
  tmpfs(join(folder, 'ab'));
  expect(kernel.listMounts(folder)).toEqual([join(folder, 'a', 'b'), join(folder, 'ab'), join(folder, 'a')]);
  expect(kernel.listMounts(join(folder, 'a'))).toEqual([join(folder, 'a', 'b'), join(folder, 'a')]);
  expect(() => writeFileSync(join(folder, 'a', 'big'), Buffer.alloc(128 * 1024))).toThrow(/ENOSPC/);
});

test('unmounting is lazy, and what is not mounted is no error', () => {
  for (const target of kernel.listMounts(folder)) kernel.unmount(target);
  expect(kernel.listMounts(folder)).toEqual([]);
  kernel.unmount(join(folder, 'a'));
  kernel.unmount(join(folder, 'never'));
});

test('a mount off the event loop is made, or fails with the reason', async () => {
  const target = join(folder, 'later');
  mkdirSync(target);
  const spec = { source: 'tmpfs', target, type: 'tmpfs', flags: 0, data: 'size=64k' };
  await kernel.mountOffLoop(spec);
  expect(kernel.listMounts(target)).toEqual([target]);
  kernel.unmount(target);
  await expect(kernel.mountOffLoop({ ...spec, type: 'no-such' })).rejects.toThrow(
    /mount no-such on ".*later": no such device \(ENODEV\)/,
  );
});

test('a mount that fails says what and where', () => {
  expect(() =>
    kernel.mount({ source: 'x', target: join(folder, 'never'), type: 'tmpfs', flags: 0, data: '' }),
  ).toThrow(/mount tmpfs on ".*never": no such file or directory \(ENOENT\)/);
});
