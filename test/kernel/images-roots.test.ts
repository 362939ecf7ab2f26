import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chainOf } from './deep-tree.ts';
import { bytesOf, plain, sh, type TestStore, tarOf, testStore, traces, whole } from './images-store.ts';

let store: TestStore;
beforeEach(() => {
  store = testStore();
});
afterEach(() => store.end());

const unused = { force: false, usedBy: () => undefined };

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
    expect(traces(store)).toBe('');
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
    expect(traces(store)).toBe('');
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
    expect(traces(store)).toBe('');
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
