import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeEntry, endOfArchive, plainEntry } from '../../src/images/tar/writer.ts';
import { bytesOf, plain, sh, type TestStore, tarOf, testStore, traces, whole } from './images-store.ts';

let store: TestStore;
beforeEach(() => {
  store = testStore();
});
afterEach(() => store.end());

describe('the built-in busybox', () => {
  it('runs, has its folders, and is made once', async () => {
    await store.images.ensureBusybox();
    const image = store.images.get('busybox');
    expect(image).toMatchObject({ tags: ['busybox:latest'], config: { Cmd: ['sh'] } });
    const root = await store.images.mountRoot('c1', image);
    expect(
      sh('chroot "$1" /bin/sh -c "id -un; ls -ld /tmp; ls -d /var/www /root /proc /sys /dev"', root),
    ).toMatch(/^root\ndrwxrwxrwt [\s\S]*\/dev\n\/proc\n\/root\n\/sys\n\/var\/www\n$/);
    await store.images.ensureBusybox();
    expect([...store.model.all('images')]).toEqual([image]);
  });

  it('is there when it is first asked for by its name, and is the same on every engine', async () => {
    await store.images.provide('alpine');
    await store.images.provide('busybox:1');
    expect([...store.model.all('images')]).toEqual([]);
    await store.images.provide('docker.io/library/busybox');
    const other = testStore();
    await other.images.provide('busybox:latest');
    expect(store.images.get('busybox').id).toBe(other.images.get('busybox').id);
    other.end();
  });

  it('gives way to another of its name', async () => {
    await store.images.import(bytesOf('cd "$(mktemp -d)"; tar -c .'), { ...plain, reference: 'busybox' });
    const [loaded] = [...store.model.all('images')];
    await store.images.provide('busybox');
    expect([...store.model.all('images')]).toEqual([loaded]);
  });
});

describe('import', () => {
  it.each(['cat', 'gzip', 'bzip2', 'xz', 'zstd -q'])('an archive through %s', async (program) => {
    const archive = bytesOf(`cd "$(mktemp -d)"; mkdir a; echo hi >a/b; tar -c a | ${program}; rm -r "$PWD"`);
    const image = await store.images.import(archive, { ...plain, changes: ['CMD ["a"]'], reference: 'x' });
    expect(image).toMatchObject({ tags: ['x:latest'], config: { Cmd: ['a'] }, size: 3 });
    const root = await store.images.mountRoot('c1', image);
    expect(readFileSync(join(root, 'a/b'), 'utf8')).toBe('hi\n');
  });

  it('keeps owners, modes, times, links, devices, holes and capabilities', async () => {
    const image = await store.images.import(
      tarOf(
        `echo hi >file; chown 1234:3000000 file; chmod 4751 file; touch -d @1000000000.5 file
        ln file hard; ln -s /nowhere soft; mknod null c 1 3; mkfifo pipe; mkdir dir; chmod 1777 dir; touch -d @5 dir
        truncate -s 100M holes; echo end >>holes; cp /bin/true capable; setcap cap_net_raw+ep capable
        touch "$(printf 'sp ace\\n\\303\\244\\377')"`,
        "--format=posix --sparse --xattrs --xattrs-include='*'",
      ),
      plain,
    );
    const root = await store.images.mountRoot('c1', image);
    expect(
      sh(
        `cd "$1"; stat -c '%n %F %U:%u:%g %a %h %.Y' file hard dir; stat -c '%t:%T' null; readlink soft
         stat -c '%F' pipe; stat -c %s holes; test "$(du -k holes | cut -f1)" -lt 100; tail -c4 holes
         getcap capable; ls -b | grep ace`,
        root,
      ),
    ).toBe(
      'file regular file UNKNOWN:1234:3000000 4751 2 1000000000.500000000\n' +
        'hard regular file UNKNOWN:1234:3000000 4751 2 1000000000.500000000\n' +
        'dir directory root:0:0 1777 2 5.000000000\n1:3\n/nowhere\nfifo\n104857604\nend\n' +
        'capable cap_net_raw=ep\nsp\\ ace\\n\\303\\244\\377\n',
    );
  });

  it.each([
    'gnu',
    'oldgnu',
    'ustar',
    'v7',
    'posix --sparse',
    'gnu --sparse',
    'posix --sparse --sparse-version=0.0',
    'posix --sparse --sparse-version=0.1',
  ])('the dialect %s, and the layer can be written again byte for byte', async (format) => {
    const name = format === 'v7' || format === 'ustar' ? 'short' : 'long'.repeat(60);
    const archive = await whole(
      tarOf(
        `mkdir -p a/b; echo hi >a/b/c; ln a/b/c d; echo x >'${name}'; truncate -s 1M h; echo y >>h`,
        `--format=${format}`,
      ),
    );
    const image = await store.images.import(Readable.from([archive]), { ...plain, reference: 'x' });
    const root = await store.images.mountRoot('c1', image);
    expect(sh('cd "$1"; cat a/b/c d; tail -c2 h; stat -c %s h; cat [ls][oh]*', root)).toBe(
      'hi\nhi\ny\n1048578\nx\n',
    );
    const saved = await whole(await store.images.save(['x']));
    expect(saved.includes(archive)).toBe(true);
  });

  const archiveOf = (...entries: readonly Parameters<typeof encodeEntry>[0][]): Readable =>
    Readable.from([Buffer.concat([...entries.map(encodeEntry), endOfArchive])]);
  const file = plainEntry('file', 'ok');
  const refused: readonly (readonly [string, () => Readable, RegExp])[] = [
    [
      'cut off',
      () => bytesOf('{ tar -cP /etc/passwd /etc/services || true; } | head -c 9000'),
      /unexpected EOF/,
    ],
    [
      'compressed and cut off',
      () => bytesOf('tar -cP /etc/services | gzip | head -c 2000'),
      /unexpected EOF/,
    ],
    ['xz and cut off', () => bytesOf('tar -cP /etc/services | xz | head -c 2000'), /cut off xz/],
    ['no archive', () => bytesOf('head -c 5000 /dev/urandom'), /invalid tar header|cut off/],
    ['../', () => archiveOf(file, plainEntry('file', '../../x')), /leads out of the root/],
    [
      'a link out',
      () => archiveOf(file, { ...plainEntry('symlink', 'a'), linkName: '../x' }),
      /invalid symlink/,
    ],
    [
      'an absolute hard link',
      () => archiveOf(file, { ...plainEntry('link', 'a'), linkName: '/etc/passwd' }),
      /absolute target/,
    ],
  ];
  it.each(refused)('%s: refused, and nothing is left', async (_, archive, why) => {
    await expect(store.images.import(archive(), { ...plain, reference: 'x' })).rejects.toThrow(why);
    expect(traces(store)).toBe('');
    expect([...store.model.all('images')]).toEqual([]);
  });

  it('a link to the host is followed inside the root', async () => {
    const evil = { ...plainEntry('symlink', 'evil'), linkName: '/etc' };
    const image = await store.images.import(
      archiveOf(evil, plainEntry('file', 'evil/seaway-was-here')),
      plain,
    );
    const root = await store.images.mountRoot('c1', image);
    expect(sh('cd "$1/etc" && ls seaway*; ls /etc/seaway-was-here 2>&1 || true', root)).toMatch(
      /^seaway-was-here\nls: cannot/,
    );
  });

  it('nothing at all is an empty root', async () => {
    const image = await store.images.import(Readable.from([]), plain);
    expect(image.layers).toHaveLength(1);
    expect(image.size).toBe(0);
  });

  it('what is asked wrongly is refused before anything is read', async () => {
    for (const bad of [
      { reference: 'Bad' },
      { changes: ['RUN x'] },
      { platform: 'a b' },
      { platform: 'macos/arm64' },
    ])
      await expect(store.images.import(tarOf('touch a'), { ...plain, ...bad })).rejects.toThrow();
    expect(traces(store)).toBe('');
  });
});
