/** Notifications when a container's memory cgroup runs out: an eventfd (cgroup v1), a count in `memory.events` (v2). */
import { closeSync, existsSync, openSync, readFileSync, readSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pollDescriptor } from '../kernel/ffi/poll-descriptor.ts';
import { type CgroupTrees, folderOf, readOrEmpty } from './cgroup.ts';
import { openEventfd } from './libc.ts';

/**
 * Calls `told` each time; never without a memory controller. The returned function ends the watch. Throws if the kernel
 * allows no more watches or descriptors.
 */
export function watchMemory(trees: CgroupTrees, cgroup: string, told: () => void): () => void {
  const folder = folderOf(trees, 'memory', cgroup);
  if (folder === '' || !existsSync(folder)) return () => undefined;
  return trees.v1.has('memory') ? watchControl(folder, told) : watchEvents(folder, told);
}

/** cgroup v1 (memcg_test.rst): the kernel adds to an eventfd, also when the cgroup is removed. */
function watchControl(folder: string, told: () => void): () => void {
  const control = join(folder, 'memory.oom_control');
  const fd = openEventfd();
  try {
    register(folder, fd, control);
  } catch (thrown) {
    closeSync(fd);
    throw thrown;
  }
  let open = true;
  const close = (): void => {
    if (!open) return;
    open = false;
    poll.close();
    closeSync(fd);
  };
  const poll = pollDescriptor(fd, () => {
    if (!existsSync(control)) return close();
    readSync(fd, Buffer.alloc(8));
    poll.once({ readable: true, writable: false });
    told();
  });
  poll.unref();
  poll.once({ readable: true, writable: false });
  return close;
}

/** The kernel keeps what it needs of the second file. */
function register(folder: string, eventfd: number, control: string): void {
  const fd = openSync(control, 'r');
  try {
    writeFileSync(join(folder, 'cgroup.event_control'), `${eventfd} ${fd}`);
  } finally {
    closeSync(fd);
  }
}

/** Number of processes of the cgroup that the kernel has killed, from `memory.events`. Pure. */
export const killsOf = (events: string): number => Number(/^oom_kill (\d+)$/m.exec(events)?.[1] ?? 0);

/** cgroup v2 (cgroup-v2.rst): the file counts as modified when a count of it changes. */
function watchEvents(folder: string, told: () => void): () => void {
  const file = join(folder, 'memory.events');
  let kills = killsOf(readFileSync(file, 'utf8'));
  const watcher = watch(file, { persistent: false }, () => {
    const now = killsOf(readOrEmpty(file));
    const more = now > kills;
    kills = Math.max(now, kills);
    if (more) told();
  });
  watcher.on('error', () => undefined);
  return () => watcher.close();
}
