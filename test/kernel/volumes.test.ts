import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KeyedQueue } from '../../src/engine/queue.ts';
import type { KernelMount } from '../../src/kernel/doors.ts';
import { openVolumes, type Volumes } from '../../src/volumes/volumes.ts';
import { made } from './image-records.ts';
import { mounting, sh, type TestStore, testStore } from './images-store.ts';

let store: TestStore;
let volumes: Volumes;
const open = (kernel = mounting): Volumes =>
  openVolumes({
    root: store.root,
    kernel,
    queue: new KeyedQueue(),
    now: () => '2026-01-01T00:00:00Z',
    records: {
      view: store.model,
      transact: async (transition) => made(store.model, transition),
      keep: async (transition) => made(store.model, transition),
    },
  });
beforeEach(() => {
  store = testStore();
  volumes = open();
});
afterEach(() => store.end());

const request = (name: string, options: Readonly<Record<string, string>> = {}) => ({
  name,
  driver: 'local',
  labels: {},
  options,
  anonymous: false,
});

const mounts = (): string => sh('grep -c "$1/volumes" /proc/mounts || true', store.root).trim();

describe('volumes', () => {
  it('are made once and removed with what is in them', async () => {
    const made = await volumes.create(request('v1'));
    expect(made.mountpoint).toBe(join(store.root, 'volumes/v1/_data'));
    expect(await volumes.create(request('v1'))).toEqual(made);
    sh('echo 12345 >"$1/f"', made.mountpoint);
    expect(await volumes.size('v1')).toBe(6);
    await volumes.remove('v1');
    expect(existsSync(join(store.root, 'volumes/v1'))).toBe(false);
    expect([...store.model.all('volumes')]).toEqual([]);
    await volumes.remove('v1');
  });

  it('are made, used and removed at once by many, one after the other: no folder stays without a record', async () => {
    const tasks = Array.from({ length: 60 }, (_task, index) => {
      if (index % 3 === 0) return volumes.remove('v1');
      return index % 3 === 1
        ? volumes.create(request('v1'))
        : volumes.create(request('v1')).then(() => undefined);
    });
    expect((await Promise.allSettled(tasks)).filter(({ status }) => status === 'rejected')).toEqual([]);
    const isThere = existsSync(join(store.root, 'volumes/v1'));
    expect(isThere).toBe(store.model.get('volumes', 'v1') !== undefined);
  });

  it('stay where a check refuses when their turn has come', async () => {
    const { mountpoint } = await volumes.create(request('v1'));
    const removed = volumes.remove('v1', () => {
      throw new Error('in use');
    });
    await expect(removed).rejects.toThrow('in use');
    expect(existsSync(mountpoint)).toBe(true);
  });

  it('whose files are not there, as after a crash, are empty, and get them when they are used', async () => {
    const { mountpoint } = await volumes.create(request('v1'));
    sh('rm -r "$1"', mountpoint);
    expect(await volumes.size('v1')).toBe(0);
    await volumes.use('v1', 'c1', undefined);
    expect(existsSync(mountpoint)).toBe(true);
    await volumes.remove('v1');
    expect(existsSync(join(store.root, 'volumes/v1'))).toBe(false);
  });

  it('another driver is refused', async () => {
    await expect(volumes.create({ ...request('v1'), driver: 'foo' })).rejects.toThrow(
      'create v1: error looking up volume plugin foo: plugin "foo" not found',
    );
  });

  it('empty ones get what the image has, with owner and mode; others keep what they have', async () => {
    await store.images.ensureBusybox();
    const rootfs = await store.images.mountRoot('c1', store.images.get('busybox'));
    sh(
      'cd "$1"; mkdir -p data/sub; echo a >data/sub/a; ln data/sub/a data/b; chown 5:6 data; chmod 2750 data; ln -s /data link; mkdir -m 700 bare',
      rootfs,
    );
    for (const [name, destination] of [
      ['v1', '/link'],
      ['v2', '/bare'],
      ['v3', '/nope'],
      ['v4', '/etc/passwd'],
    ] as const) {
      await volumes.create(request(name));
      await volumes.use(name, 'c1', { rootfs, destination });
    }
    expect(
      sh(
        'cd "$1/volumes"; stat -c "%n %a %u:%g" */_data; find v1/_data -type f -printf "%P %n\\n" | sort',
        store.root,
      ),
    ).toBe('v1/_data 2750 5:6\nv2/_data 700 0:0\nv3/_data 755 0:0\nv4/_data 755 0:0\nb 2\nsub/a 2\n');
    sh('echo mine >"$1/v1/_data/b"', join(store.root, 'volumes'));
    await volumes.use('v1', 'c2', { rootfs, destination: '/data' });
    expect(sh('cat "$1/volumes/v1/_data/b"', store.root)).toBe('mine\n');
  });

  it('with options are mounted while somebody uses them', async () => {
    sh('mkdir "$1/there"; touch "$1/there/f"', store.work);
    await volumes.create(request('t1', { type: 'tmpfs', device: 'tmpfs', o: 'size=1m,uid=7,nosuid' }));
    await volumes.create(request('b1', { type: 'none', device: join(store.work, 'there'), o: 'bind' }));
    for (const name of ['t1', 'b1'])
      for (const user of ['c1', 'c2']) await volumes.use(name, user, undefined);
    expect(mounts()).toBe('2');
    expect(sh('ls "$1"; stat -c %u "$2"', volumes.path('b1'), volumes.path('t1'))).toBe('f\n7\n');
    for (const name of ['t1', 'b1']) await volumes.letGo(name, 'c1');
    expect(mounts()).toBe('2');
    await volumes.letGo('t1', 'c2');
    expect(mounts()).toBe('1');
    await volumes.remove('b1');
    expect(existsSync(join(store.work, 'there/f'))).toBe(true);
  });

  it('a server that does not answer keeps no other volume waiting', async () => {
    const asked: string[] = [];
    const silent = new Promise<void>(() => undefined);
    const mountOffLoop = ({ type, source, data }: KernelMount): Promise<void> => {
      asked.push(`${type} ${source} ${data}`);
      return silent;
    };
    const apart = open({ ...mounting, mountOffLoop });
    await apart.create(request('n1', { type: 'nfs', device: ':/x', o: 'addr=192.0.2.1,ro' }));
    await apart.create(request('t1', { type: 'tmpfs', device: 'tmpfs' }));
    void apart.use('n1', 'c1', undefined);
    await expect.poll(() => asked).toEqual(['nfs :/x addr=192.0.2.1']);
    await apart.use('t1', 'c1', undefined);
    expect(mounts()).toBe('1');
  });

  it('after a restart what nobody uses is unmounted', async () => {
    await volumes.create(request('t1', { type: 'tmpfs', device: 'tmpfs' }));
    await volumes.create(request('t2', { type: 'tmpfs', device: 'tmpfs' }));
    for (const name of ['t1', 't2']) await volumes.use(name, 'c1', undefined);
    const again = open();
    await again.use('t1', 'c1', undefined);
    await again.sweep();
    expect(mounts()).toBe('1');
  });

  it('what cannot be mounted is an error that names the volume', async () => {
    await volumes.create(request('b1', { type: 'none', device: '/no/such/folder', o: 'bind' }));
    await expect(volumes.use('b1', 'c1', undefined)).rejects.toThrow(
      /failed to mount local volume b1.*ENOENT/,
    );
  });
});
