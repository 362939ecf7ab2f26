import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeEntry, endOfArchive, plainEntry } from '../../src/images/tar/writer.ts';
import { chainOf } from './deep-tree.ts';
import { bytesOf, sh, type TestStore, testStore, whole } from './images-store.ts';

let store: TestStore;
beforeEach(() => {
  store = testStore();
});
afterEach(() => store.end());

const plain = { reference: '', message: '', changes: [], platform: '' };
const unused = { force: false, usedBy: () => undefined };

/** A tar of what the script makes in an empty folder. */
const tarOf = (script: string, flags = ''): Readable =>
  bytesOf(`work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"; mkdir root; cd root
    ${script}
    tar -c --numeric-owner ${flags} .`);

/** What is in the store's folder; nothing may be left of what was refused. */
const traces = (): string =>
  sh(
    'cd "$1"; find images roots -mindepth 1 2>/dev/null | grep -vxE "images/(layers|blobs|blobs/sha256|l|empty2?)" || true',
    store.root,
  );

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
    expect(traces()).toBe('');
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
    expect(traces()).toBe('');
  });
});

describe('the places that the engine needs in a root', () => {
  it('are there, are no change, and leave the folders of the image as they are', async () => {
    const image = await store.images.import(
      tarOf('mkdir -m 711 etc dev; chown 5:6 etc; echo mine >etc/hosts'),
      {
        ...plain,
      },
    );
    const root = await store.images.mountRoot('c1', image);
    const look =
      'cd "$1"; stat -c "%n %A %u:%g %s" .dockerenv dev dev/shm etc etc/hosts etc/resolv.conf; readlink etc/mtab';
    expect(sh(look, root)).toBe(
      [
        '.dockerenv -rwxr-xr-x 0:0 0',
        'dev drwx--x--x 0:0 4096',
        'dev/shm drwxr-xr-x 0:0 4096',
        'etc drwx--x--x 5:6 4096',
        'etc/hosts -rwxr-xr-x 0:0 0',
        'etc/resolv.conf -rwxr-xr-x 0:0 0',
        '/proc/mounts\n',
      ].join('\n'),
    );
    expect(await store.images.changes('c1', image)).toEqual([]);
  });

  it('are plain folders and files, whatever the image has there', async () => {
    const image = await store.images.import(
      tarOf(`ln -s /tmp dev; ln -s /proc/1/root proc; touch sys; ln -s /etc/x .dockerenv; mkdir tmp
             ln -s tmp etc; mkfifo tmp/hosts`),
      plain,
    );
    const root = await store.images.mountRoot('c1', image);
    expect(sh('cd "$1"; stat -c "%n %F" dev dev/pts proc sys etc etc/hosts .dockerenv tmp/hosts', root)).toBe(
      [
        ...['dev directory', 'dev/pts directory', 'proc directory', 'sys directory', 'etc directory'],
        ...['etc/hosts regular empty file', '.dockerenv regular empty file', 'tmp/hosts fifo\n'],
      ].join('\n'),
    );
    // a container that may unmount can put a link there: it is gone at the next start
    sh('cd "$1"; rm -r dev; ln -s /tmp dev; rm -r sys', root);
    await store.images.mountRoot('c1', image);
    expect(sh('cd "$1"; stat -c "%n %F" dev sys', root)).toBe('dev directory\nsys directory\n');
  });
});

describe('paths that are as long as the kernel takes, or longer', () => {
  it('an image with very long ones is saved and removed', async () => {
    chainOf(join(store.work, 'long'), { name: 'd'.repeat(200), levels: 20 });
    const archive = bytesOf('tar -cC "$1" .', join(store.work, 'long'));
    await store.images.import(archive, { ...plain, reference: 'long:1' });
    expect((await whole(await store.images.save(['long:1']))).length).toBeGreaterThan(1 << 15);
    await store.images.remove('long:1', { force: true, usedBy: () => undefined });
    expect(traces()).toBe('');
  });

  it('a container that has made longer ones is compared and committed with an error, and removed', async () => {
    await store.images.ensureBusybox();
    const image = store.images.get('busybox');
    const root = await store.images.mountRoot('c1', image);
    chainOf(join(root, 'long'), { name: 'd'.repeat(200), levels: 25 });
    expect((await store.images.rootSize('c1', image)).rw).toBe(4);
    await expect(store.images.changes('c1', image)).rejects.toThrow('file name too long');
    const ask = { reference: '', author: '', comment: '', changes: [], config: image.config };
    await expect(store.images.commitRoot('c1', image, ask)).rejects.toThrow('file name too long');
    await store.images.removeRoot('c1');
    expect(sh('ls -A "$1/roots"', store.root)).toBe('');
  });
});

describe('roots', () => {
  it('are open to root alone, also where an older engine left them open', async () => {
    await store.images.ensureBusybox();
    const root = await store.images.mountRoot('c1', store.images.get('busybox'));
    sh('chmod 755 "$1" "$1/roots" "$1/images"', store.root);
    store.reopen();
    const look = 'stat -c %a "$1" "$1/roots" "$1/roots/c1" "$1/images" "$1"/images/layers/*';
    expect(new Set(sh(look, store.root).trim().split('\n'))).toEqual(new Set(['710']));
    const asNobody = 'setpriv --reuid=65534 --regid=65534 --clear-groups';
    expect(sh(`${asNobody} stat "$1" 2>&1 || true`, `${root}/bin/busybox`)).toContain('Permission denied');
    // while a user other than root reads its own root
    expect(sh('chroot --userspec=1000:1000 "$1" /bin/cat /etc/passwd', root)).toMatch(/^root:/);
  });

  it('stay mounted over a restart, and mounting again changes nothing', async () => {
    await store.images.ensureBusybox();
    const image = store.images.get('busybox');
    const root = await store.images.mountRoot('c1', image);
    sh('echo mine >"$1/mine"', root);
    const again = store.reopen();
    expect(await again.mountRoot('c1', image)).toBe(root);
    expect(sh('grep -c " $1 " /proc/mounts', root)).toBe('1\n');
    await again.unmountRoot('c1');
    expect(sh('ls "$1"', root)).toBe('');
    await again.mountRoot('c1', image);
    expect(readFileSync(join(root, 'mine'), 'utf8')).toBe('mine\n');
    expect(await again.rootSize('c1', image)).toEqual({ rw: 5, rootFs: 5 + image.size });
  });

  it('of containers that nobody knows are swept away, and layers and configurations of no image', async () => {
    await store.images.ensureBusybox();
    const image = store.images.get('busybox');
    await store.images.mountRoot('known', image);
    await store.images.mountRoot('stray', image);
    sh('mkdir -p "$1/images/layers/.tmp-x/diff" "$1/images/.load-x" "$1/roots/.gone-x"', store.root);
    await store.images.sweep(new Set(['known']));
    expect(sh('cd "$1"; ls -A roots images/layers images', store.root)).not.toMatch(/stray|tmp-|load-|gone-/);
    store.model.apply([{ table: 'images', remove: image.id }]);
    await store.images.sweep(new Set());
    expect(traces()).toBe('');
  });

  it('layers that a container stands on stay when the image is removed by force', async () => {
    await store.images.ensureBusybox();
    const image = store.images.get('busybox');
    await store.images.mountRoot('c1', image);
    await store.images.remove('busybox', { ...unused, force: true });
    await store.images.unmountRoot('c1');
    const root = await store.images.mountRoot('c1', image);
    expect(sh('chroot "$1" /bin/echo still', root)).toBe('still\n');
    await store.images.removeRoot('c1');
    await store.images.sweep(new Set());
    expect(traces()).toBe('');
  });

  it('whose note of their layers is damaged keep all layers; the note is set aside, and the sweep goes on', async () => {
    await store.images.ensureBusybox();
    const image = store.images.get('busybox');
    const root = await store.images.mountRoot('c1', image);
    for (const damaged of ['', '{}', 'null', '[1]']) {
      writeFileSync(join(store.root, 'roots/c1/layers.json'), damaged);
      await store.images.sweep(new Set(['c1']));
      expect(sh('ls "$1/bin/busybox"; ls "$1/.." | grep -c damaged; rm "$1"/../*damaged*', root)).toMatch(
        /busybox\n1\n$/,
      );
    }
    await store.images.unmountRoot('c1');
    await store.images.mountRoot('c1', image);
    await store.images.sweep(new Set(['c1']));
  });

  it('are lent: unmounted after use only if they were not mounted before', async () => {
    await store.images.ensureBusybox();
    const image = store.images.get('busybox');
    const isMounted = (): Promise<string> =>
      Promise.resolve(sh('grep -c "$1/roots/c1/merged" /proc/mounts || true', store.root));
    const [inside] = await Promise.all([
      store.images.withRoot('c1', image, isMounted),
      store.images.withRoot('c1', image, isMounted),
    ]);
    expect(inside).toBe('1\n');
    expect(await isMounted()).toBe('0\n');
    await store.images.mountRoot('c1', image);
    await store.images.withRoot('c1', image, isMounted);
    expect(await isMounted()).toBe('1\n');
  });

  it('on a path with characters that mean something to overlayfs', async () => {
    const odd = testStore({ name: 'a,b:c d' });
    try {
      await odd.images.ensureBusybox();
      const root = await odd.images.mountRoot('c1', odd.images.get('busybox'));
      expect(sh('chroot "$1" /bin/echo here', root)).toBe('here\n');
      expect(await odd.images.changes('c1', odd.images.get('busybox'))).toEqual([]);
    } finally {
      odd.end();
    }
  });

  it('on overlayfs are refused with the way out', async () => {
    sh(
      'cd "$1"; mkdir lower upper work root; mount -t overlay o -o lowerdir=lower,upperdir=upper,workdir=work root',
      store.work,
    );
    const inside = testStore({ below: join(store.work, 'root') });
    try {
      await inside.images.ensureBusybox();
      await expect(inside.images.mountRoot('c1', inside.images.get('busybox'))).rejects.toThrow(
        /lies on overlayfs.*put the data root on another file system/,
      );
    } finally {
      inside.end();
    }
  });

  it('stand on up to 125 layers', { timeout: 90_000 }, async () => {
    await store.images.ensureBusybox();
    let image = store.images.get('busybox');
    for (let count = 2; count <= 125; count++) {
      const root = await store.images.mountRoot('c1', image);
      sh('echo "$2" >"$1/f$2"', root, String(count));
      const config = image.config;
      image = await store.images.commitRoot('c1', image, {
        reference: '',
        author: '',
        comment: '',
        changes: [],
        config,
      });
      await store.images.removeRoot('c1');
    }
    expect(image.layers).toHaveLength(125);
    const root = await store.images.mountRoot('c2', image);
    expect(sh('cd "$1"; ls | grep -c "^f[0-9]"; cat f2 f125', root)).toBe('124\n2\n125\n');
  });
});
