import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { attributeIs } from '../../src/kernel/files/attribute.ts';
import { makeInRoot } from '../../src/kernel/files/make-in-root.ts';
import { readInRoot } from '../../src/kernel/files/read-in-root.ts';
import { removeTree } from '../../src/kernel/files/remove-tree.ts';
import { bytesIn, walkTree } from '../../src/kernel/files/walk-tree.ts';
import { chainOf } from './deep-tree.ts';

const folder = mkdtempSync(join(tmpdir(), 'sw-files-'));
afterAll(() => removeTree(folder));

const sh = (script: string, at = folder): string =>
  execFileSync('bash', ['-euc', script], { cwd: at, encoding: 'utf8' });

const long = 'd'.repeat(200);

function deep(name: string, levels: number): string {
  chainOf(join(folder, name), { name: long, levels });
  return join(folder, name);
}

test('a tree goes whatever its depth and names, and what its links lead to stays', async () => {
  const tree = deep('deep', 60);
  mkdirSync(join(folder, 'kept'));
  writeFileSync(join(folder, 'kept', 'file'), 'kept');
  symlinkSync(join(folder, 'kept'), join(tree, 'link'));
  sh(`mkfifo fifo; touch $'\\xff\\xfe' '.removed-0'; mkdir many; touch many/{1..300}`, tree);
  await removeTree(tree);
  expect(readdirSync(folder)).toEqual(['kept']);
  expect(readdirSync(join(folder, 'kept'))).toEqual(['file']);
  symlinkSync('kept', join(folder, 'alias'));
  await removeTree(join(folder, 'alias'));
  await removeTree(join(folder, 'alias'));
  expect(readdirSync(folder)).toEqual(['kept']);
});

test('what is mounted in a tree is not lost', async () => {
  sh('mkdir -p tree/a/b source; touch source/mine; mount --bind source tree/a/b');
  try {
    await expect(removeTree(join(folder, 'tree'))).rejects.toThrow('EBUSY');
    expect(existsSync(join(folder, 'source', 'mine'))).toBe(true);
  } finally {
    sh('umount tree/*/b || umount tree/.removed-*/b');
  }
  await removeTree(join(folder, 'tree'));
  expect(existsSync(join(folder, 'tree'))).toBe(false);
});

test('what cannot be removed is named where it is', async () => {
  sh('mkdir -p fixed/a/b; touch fixed/a/b/file; chattr +i fixed/a/b/file');
  try {
    await expect(removeTree(join(folder, 'fixed'))).rejects.toThrow(
      new RegExp(`EPERM.*'${join(folder, 'fixed')}/\\.removed-[^/]*/file'`),
    );
  } finally {
    sh('chattr -R -i fixed');
  }
  await removeTree(join(folder, 'fixed'));
});

test('a walk sees everything once, also beyond PATH_MAX, and leaves no descriptor open', async () => {
  const tree = deep('walked', 60);
  writeFileSync(join(tree, 'first'), '12345');
  symlinkSync('/etc', join(tree, 'link'));
  const before = readdirSync('/proc/self/fd').length;
  const paths: string[] = [];
  for await (const { path } of walkTree(tree)) paths.push(path);
  expect(paths.toSorted((a, b) => a.length - b.length).slice(0, 3)).toEqual(['link', 'first', long]);
  expect(paths).toHaveLength(63);
  expect(paths).toContain(`${`${long}/`.repeat(60)}file`);
  expect(await bytesIn(tree)).toBe(5 + 4 + 4);
  for await (const { path } of walkTree(tree)) if (path.length > 8000) break;
  expect(readdirSync('/proc/self/fd')).toHaveLength(before);
  await removeTree(tree);
});

test('a file of a root is read by its path in there, and only if it is plain and small', async () => {
  const root = join(folder, 'root');
  sh(
    `mkdir -p root/etc; cd root; echo mine >etc/passwd; ln -s /etc/passwd absolute; ln -s ../../../etc/passwd above
     ln -s loop loop; mkfifo fifo; truncate -s 10G huge; mknod device c 1 5; ln -s /etc/shadow-of-the-host out`,
  );
  for (const path of ['/etc/passwd', 'absolute', 'above', '../etc/passwd'])
    expect(await readInRoot(root, path, 100)).toEqual({ kind: 'file', text: 'mine\n' });
  for (const path of ['nothing', 'loop', 'out', 'etc/passwd/x', 'x'.repeat(5000)])
    expect(await readInRoot(root, path, 100)).toEqual({ kind: 'missing' });
  for (const path of ['fifo', 'device', 'etc'])
    expect(await readInRoot(root, path, 100)).toEqual({ kind: 'special' });
  expect(await readInRoot(root, 'huge', 100)).toEqual({ kind: 'tooLarge' });
});

test('a folder is made inside the root, wherever its links lead', async () => {
  const root = join(folder, 'made');
  sh(
    'mkdir -p made/real; ln -s /real made/link; ln -s ../../../../out made/up; ln -s /nowhere made/broken; touch made/file',
  );
  await makeInRoot(root, '/link/a/b');
  await makeInRoot(root, '/link/a/b');
  await makeInRoot(root, '/real/..x');
  expect(readdirSync(join(root, 'real')).toSorted()).toEqual(['..x', 'a']);
  for (const path of ['/file', '/file/x', '/up/x', '/broken'])
    await expect(makeInRoot(root, path)).rejects.toThrow(`Cannot mkdir: ${path} is not a directory`);
  expect(readdirSync(root).toSorted()).toEqual(['broken', 'file', 'link', 'real', 'up']);
});

test('an attribute is told from a longer one and from none', async () => {
  const file = join(folder, 'attributed');
  await (await open(file, 'w')).close();
  sh(
    "setfattr -n trusted.overlay.opaque -v y attributed 2>/dev/null || python3 -c \"import os;os.setxattr('attributed','trusted.overlay.opaque',b'y')\"",
  );
  const is = (value: string): boolean => attributeIs(Buffer.from(file), 'trusted.overlay.opaque', value);
  expect([is('y'), is('x'), is('yy'), is('')]).toEqual([true, false, false, false]);
  expect(attributeIs(Buffer.from(file), 'trusted.none', 'y')).toBe(false);
});
