import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, expect, it, vi } from 'vitest';
import { world } from '../../../test/model/fixture.ts';
import { fail } from '../../errors.ts';
import { hostPaths } from '../../kernel/files/host-paths.ts';
import type { MountPoint } from '../../model/container.ts';
import { ContainerFiles } from './files.ts';

const made: string[] = [];
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const bind = (source: string): MountPoint => ({
  ...{ type: 'bind', name: '', source, destination: '/x', driver: '', mode: '', readWrite: true },
  ...{ propagation: 'rprivate', options: '', nonRecursive: false, copyUp: false },
});

/** An engine whose one container has a root in a folder; `uses` are those of its root that are under way. */
function engine(mounts: readonly MountPoint[] = []) {
  const folder = mkdtempSync(join(tmpdir(), 'seaway-files-'));
  made.push(folder);
  const { model, container } = world();
  const web = { ...container('web'), mounts };
  model.apply([{ table: 'containers', put: web }]);
  const [root, written] = [join(folder, 'root'), join(folder, 'containers', web.id)];
  for (const path of [join(root, 'etc'), written]) mkdirSync(path, { recursive: true });
  writeFileSync(join(root, 'etc/hosts'), 'of the image');
  writeFileSync(join(root, 'etc/motd'), 'hello');
  writeFileSync(join(written, 'hosts'), 'hosts as the engine wrote it');
  const uses = { now: 0 };
  const actions: string[] = [];
  const parts = {
    model,
    folders: { containers: join(folder, 'containers'), namespaces: '' },
    outbox: { work: async () => undefined },
    events: { emit: ({ action }: { action: string }) => void actions.push(action) },
    images: {
      get: () => ({ id: web.image, layers: [] }),
      async withRoot<T>(_id: string, _image: object, use: (root: string) => Promise<T>): Promise<T> {
        uses.now++;
        return use(root).finally(() => uses.now--);
      },
    },
  };
  const files = new ContainerFiles(parts as unknown as ConstructorParameters<typeof ContainerFiles>[0]);
  return { files, uses, actions };
}

it('a path is looked at as the container sees it: what the engine writes lies over the image', async () => {
  const { files, uses } = engine();
  expect((await files.statPath('web', '/etc/hosts')).size).toBe('hosts as the engine wrote it'.length);
  expect((await files.statPath('web', '/etc/motd')).size).toBe('hello'.length);
  await expect(files.statPath('web', '/nothing')).rejects.toThrow('/nothing');
  expect(uses.now).toBe(0);
});

it('a mount whose source does not answer is refused before the root is looked at', async () => {
  const { files } = engine([bind('/dead')]);
  const asked = vi.spyOn(hostPaths, 'exists').mockRejectedValue(fail('HOST_PATH_SILENT', '/dead'));
  await expect(files.statPath('web', '/etc/motd')).rejects.toThrow('stat /dead');
  asked.mockRejectedValue(Object.assign(new Error('broken'), { code: 'ENOTCONN' }));
  expect((await files.statPath('web', '/etc/motd')).name).toBe('motd');
  asked.mockRestore();
});

it('the root is mounted until an archive of it has been read', async () => {
  const { files, uses, actions } = engine();
  const { stat, archive } = await files.readArchive('web', '/etc/motd');
  expect([stat.name, uses.now, actions]).toEqual(['motd', 1, ['archive-path']]);
  expect(String(await buffer(archive))).toContain('hello');
  await new Promise(setImmediate);
  expect(uses.now).toBe(0);
});

it('a container that is not there has no files', async () => {
  const { files, actions } = engine();
  await expect(files.readArchive('nobody', '/')).rejects.toThrow('No such container: nobody');
  await expect(files.changes('nobody')).rejects.toThrow('No such container: nobody');
  expect(actions).toEqual([]);
});
