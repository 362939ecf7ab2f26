import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exportRoot, packPath, statPath, unpackInto } from '../../src/images/archive.ts';
import { hostPaths } from '../../src/kernel/files/host-paths.ts';
import { canBeDead, mountDead } from './dead-mount.ts';
import { bytesOf, sh, type TestStore, testStore, whole } from './images-store.ts';

let store: TestStore;
let root = '';
let jails = '';
const usual = process.env.TMPDIR;
beforeEach(async () => {
  store = testStore();
  // where the jails of these tests are made, and no others
  jails = join(store.folder, 'jails');
  mkdirSync(jails);
  process.env.TMPDIR = jails;
  await store.images.ensureBusybox();
  root = await store.images.mountRoot('c1', store.images.get('busybox'));
  sh(
    `cd "$1"; mkdir -p d/sub; echo one >d/one; ln d/one d/sub/two; chown 5:6 d/one; chmod 1777 d
     ln -s /d toDir; ln -s /etc/passwd toFile; ln -s ../../../../etc out; ln -s /nowhere broken`,
    root,
  );
});
afterEach(() => {
  if (usual === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = usual;
  const left = readdirSync(jails);
  store.end();
  expect(left).toEqual([]);
});

function list(archive: Buffer): string {
  const file = join(store.work, 'list.tar');
  writeFileSync(file, archive);
  return sh(`tar -tvPf "$1" --numeric-owner | awk '{$3 = $4 = $5 = ""; print}' | tr -s " "`, file);
}

const packed = async (path: string): Promise<string> =>
  list(await whole((await packPath(root, path)).stream));

const into = { noOverwriteDirNonDir: true, copyUIDGID: false };

const tarOf = (script: string, args = '.'): Readable =>
  bytesOf(
    `work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"; ${script}; tar -c --numeric-owner ${args}`,
  );

describe('what stands at a path', () => {
  it('is told in the words of Go', async () => {
    expect(await statPath(root, '/d')).toMatchObject({ name: 'd', mode: 0x80000000 + 0x100000 + 0o777 });
    expect(await statPath(root, 'd/one')).toMatchObject({
      name: 'one',
      size: 4,
      mode: 0o644,
      linkTarget: '',
    });
    expect(await statPath(root, '/')).toMatchObject({ name: '/', mode: 0x80000000 + 0o755 });
  });

  it('a link is itself, and leads where it would in the container', async () => {
    const link = 0x8000000 + 0o777;
    expect(await statPath(root, '/toFile')).toMatchObject({ mode: link, linkTarget: '/etc/passwd' });
    expect(await statPath(root, '/out')).toMatchObject({ mode: link, linkTarget: '/etc' });
    expect(await statPath(root, '/broken')).toMatchObject({ linkTarget: '/nowhere' });
    expect(await statPath(root, '/toDir/')).toMatchObject({
      name: 'toDir',
      mode: 0x80000000 + 0x100000 + 0o777,
    });
    expect(await statPath(root, '/toDir/one')).toMatchObject({ name: 'one', size: 4 });
    expect(await statPath(root, '/out/passwd')).toMatchObject({ size: 71 });
  });

  it('nothing there is an error that names path and container', async () => {
    await expect(statPath(root, '/nope')).rejects.toThrow('Could not find the file /nope in container c1');
    await expect(statPath(root, '/etc/passwd/')).rejects.toThrow('not a directory');
  });
});

describe('copying out', () => {
  it('a folder comes under its name, a file alone', async () => {
    expect(await packed('/d')).toMatch(/ d\/\n.* d\/one\n.* d\/sub\/\nh.* d\/sub\/two link to d\/one\n$/);
    expect(await packed('/d/.')).toMatch(/ \.\/\n.* \.\/one\n/);
    expect(await packed('/toDir/')).toMatch(/ toDir\/\n.* toDir\/one\n/);
    expect(await packed('/d/one')).toMatch(/^-\S+ \S* ?one\n$/);
    expect(await packed('/toFile')).toMatch(/^l.* toFile -> \/etc\/passwd\n$/);
    expect(await packed('/out/passwd')).toMatch(/ passwd\n$/);
    expect(await packed('/')).toMatch(/ \/\n.* \/.dockerenv\n.* \/bin\/\n/);
  });

  it('export has everything, without the root itself', async () => {
    const names = list(await whole(exportRoot(root)));
    expect(names).toMatch(/ d\/sub\/two link to d\/one\n/);
    expect(names).not.toMatch(/ \.?\/\n| \.\//);
  });
});

describe('copying in', () => {
  it('keeps owners and modes, follows links of the container inside it, leaves the folder itself alone', async () => {
    await unpackInto(
      root,
      '/toDir',
      tarOf('echo x >f; chown 9:8 f; chmod 600 f; mkdir new; echo y >new/g; chmod 700 .'),
      into,
    );
    expect(sh('cd "$1/d"; stat -c "%n %a %u:%g" . f new; cat new/g', root)).toBe(
      '. 1777 0:0\nf 600 9:8\nnew 755 0:0\ny\n',
    );
    await unpackInto(root, '/', tarOf('mkdir out; echo x >out/in', '--no-recursion out/in'), into);
    expect(readFileSync(join(root, 'etc/in'), 'utf8')).toBe('x\n');
  });

  it('never changes a folder into a file or the reverse', async () => {
    await expect(unpackInto(root, '/', tarOf('touch d', 'd'), into)).rejects.toThrow(
      'cannot overwrite directory "/d" with non-directory "d"',
    );
    await expect(unpackInto(root, '/', tarOf('mkdir toFile', 'toFile'), into)).rejects.toThrow(
      'cannot overwrite non-directory',
    );
    await expect(unpackInto(root, '/etc/passwd', tarOf('touch x'), into)).rejects.toThrow(
      'extraction point is not a directory',
    );
    await expect(unpackInto(root, '/nope', tarOf('touch x'), into)).rejects.toThrow(
      'Could not find the file',
    );
  });

  it('gives the files to the container’s user if asked', async () => {
    const asked = { ...into, copyUIDGID: true };
    await unpackInto(root, '/d', tarOf('touch a'), { ...asked, user: 'nobody' });
    await unpackInto(root, '/d', tarOf('touch b'), { ...asked, user: '12:root' });
    expect(sh('cd "$1/d"; stat -c "%n %u:%g" a b', root)).toBe('a 65534:65534\nb 12:0\n');
    await expect(unpackInto(root, '/d', tarOf('touch a'), { ...asked, user: 'who' })).rejects.toThrow(
      'no matching entries in passwd file',
    );
  });

  it('refuses names that lead out, and what is no archive', async () => {
    await expect(unpackInto(root, '/d', bytesOf('cd /tmp; tar -cP ../etc/hostname'), into)).rejects.toThrow(
      'leads out',
    );
    await expect(unpackInto(root, '/d', bytesOf('head -c 4096 /dev/urandom'), into)).rejects.toThrow(
      'invalid tar header',
    );
  });

  it('a link that the archive brings leads nowhere but into the container', async () => {
    const script =
      'ln -s /etc evil; tar -cf a.tar evil; rm evil; mkdir evil; echo x >evil/seaway-was-here; tar -rf a.tar evil/seaway-was-here';
    await unpackInto(root, '/d', bytesOf(`cd "$1"; ${script}; cat a.tar`, store.work), into);
    expect(sh('cat "$1/etc/seaway-was-here"; ls /etc/seaway-was-here 2>&1 || true', root)).toMatch(
      /^x\nls: cannot/,
    );
  });
});

describe('mounts of the container', () => {
  const view = () => ({
    root,
    mounts: [
      { source: join(store.work, 'volume'), destination: '/d/volume', readWrite: true },
      { source: join(store.work, 'file'), destination: '/etc/passwd', readWrite: false },
      { source: join(store.work, 'fixed'), destination: '/fixed', readWrite: false },
    ],
    readOnly: true,
  });
  beforeEach(() => {
    sh(
      'cd "$1"; mkdir volume fixed; echo v >volume/v; echo f >file; mkdir "$2/d/volume" "$2/fixed"',
      store.work,
      root,
    );
  });

  it('are seen from inside and from above', async () => {
    expect(list(await whole((await packPath(view(), '/d')).stream))).toMatch(/ d\/volume\/v\n/);
    expect(list(await whole((await packPath(view(), '/d/volume/v')).stream))).toMatch(/ v\n$/);
    expect(await statPath(view(), '/etc/passwd')).toMatchObject({ size: 2 });
    const file = await whole((await packPath(view(), '/etc/passwd')).stream);
    expect(file.includes('f\n\0')).toBe(true);
  });

  it('are written if they may be', async () => {
    await unpackInto(view(), '/d/volume', tarOf('echo n >n'), into);
    expect(readFileSync(join(store.work, 'volume/n'), 'utf8')).toBe('n\n');
    await expect(unpackInto(view(), '/fixed', tarOf('touch x'), into)).rejects.toThrow(
      'mounted volume is marked read-only',
    );
    await expect(unpackInto(view(), '/etc', tarOf('touch x'), into)).rejects.toThrow(
      'container rootfs is marked read-only',
    );
  });

  it.runIf(canBeDead)('do not hold up anything else where they do not answer', async () => {
    const revive = mountDead(join(store.work, 'volume/dead'));
    try {
      const asked = statPath(view(), '/d/volume/dead/file');
      const copied = unpackInto(view(), '/d/volume/dead', tarOf('touch x'), into);
      const failed = Promise.allSettled([asked, copied]);
      // what blocks the event loop blocks this as well
      expect(await Promise.race([failed, delay(300, 'they wait')])).toBe('they wait');
      expect(await statPath(view(), '/d/one')).toMatchObject({ name: 'one' });
      hostPaths.hasten();
      expect(await failed).toMatchObject(
        Array(2).fill({ status: 'rejected', reason: { code: 'HOST_PATH_SILENT' } }),
      );
    } finally {
      revive();
    }
  });
});
