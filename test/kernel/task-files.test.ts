/** Secrets and configs of tasks on a real tmpfs. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { afterAll, expect, it, vi } from 'vitest';
import { TaskFiles } from '../../src/engine/swarm/agent/task-files.ts';
import { taskFolder, taskMounts } from '../../src/engine/swarm/task-mounts.ts';
import { openKernel } from '../../src/kernel/open.ts';
import type { SwarmTask } from '../../src/swarm/records.ts';

const execRoot = mkdtempSync('/tmp/seaway-task-files-');
const kernel = openKernel();
const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
const files = new TaskFiles({ config: { execRoot }, kernel, logger } as never);
afterAll(() => {
  for (const target of kernel.listMounts(execRoot)) kernel.unmount(target);
  kernel.close();
  rmSync(execRoot, { recursive: true });
});

const task = {
  spec: {
    ContainerSpec: {
      Secrets: [
        { SecretID: 's', SecretName: 'key', File: { Name: 'key.pem', UID: '7', GID: '8', Mode: 0o440 } },
      ],
      Configs: [
        { ConfigID: 'c', ConfigName: 'conf', File: { Name: '/etc/x', UID: '0', GID: '0', Mode: 0o444 } },
      ],
    },
  },
} as unknown as SwarmTask;
const data = (text: string) => Buffer.from(text).toString('base64');

it('are in memory, as their service wants them, and gone with the run', async () => {
  files.given({
    secrets: [{ id: 's', name: 'key', data: data('hush') }],
    configs: [{ id: 'c', name: 'conf', data: data('a=b') }],
  });
  await files.put('c1', task);
  const mounts = await taskMounts(execRoot, 'c1');
  expect(mounts.map(({ target }) => target)).toEqual(['/run/secrets/key.pem', '/etc/x']);
  const [key = '', conf = ''] = mounts.map(({ source }) => source);
  expect([readFileSync(key, 'utf8'), readFileSync(conf, 'utf8')]).toEqual(['hush', 'a=b']);
  const { uid, gid, mode } = statSync(key);
  expect([uid, gid, mode & 0o7777]).toEqual([7, 8, 0o440]);
  expect(kernel.listMounts(execRoot)).toEqual([taskFolder(execRoot, 'c1')]);
  await files.put('c1', task);
  expect(kernel.listMounts(execRoot)).toHaveLength(1);
  await files.drop('c1');
  expect(kernel.listMounts(execRoot)).toEqual([]);
  expect(existsSync(taskFolder(execRoot, 'c1'))).toBe(false);
  expect(await taskMounts(execRoot, 'c1')).toEqual([]);
});

it('of containers that do not run are swept', async () => {
  await files.put('c2', task);
  await files.put('c3', task);
  await files.sweep((id) => id === 'c3');
  expect(kernel.listMounts(execRoot)).toEqual([taskFolder(execRoot, 'c3')]);
});

it('that were not given to the node are named', async () => {
  files.given({ secrets: [], configs: [] });
  await expect(files.put('c4', task)).rejects.toThrow('secret key was not given to this node');
  expect(existsSync(taskFolder(execRoot, 'c4'))).toBe(false);
});
