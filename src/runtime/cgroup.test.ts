import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderOf, monitorFolders, parseCgroupMounts, removeCgroup } from './cgroup.ts';

const line = (point: string, type: string, options: string): string =>
  `30 25 0:26 / ${point} rw,relatime shared:4 - ${type} ${type} rw${options}`;
const v2 = [line('/sys/fs/cgroup', 'cgroup2', ',nsdelegate')].join('\n');
const hybrid = [
  line('/sys/fs/cgroup/unified', 'cgroup2', ''),
  line('/sys/fs/cgroup/cpu,cpuacct', 'cgroup', ',cpu,cpuacct'),
  line('/sys/fs/cgroup/memory', 'cgroup', ',memory'),
  line('/sys/fs/cgroup/systemd', 'cgroup', ',xattr,name=systemd'),
  '25 1 8:1 / / rw - ext4 /dev/sda1 rw',
].join('\n');

describe('cgroup trees', () => {
  it('version 2 is one tree for everything', () => {
    const trees = parseCgroupMounts(v2);
    expect(trees.version).toBe(2);
    expect(folderOf(trees, 'memory', '/seaway/id')).toBe('/sys/fs/cgroup/seaway/id');
  });

  it('hybrid has a tree per controller', () => {
    const trees = parseCgroupMounts(hybrid);
    expect(trees.version).toBe(1);
    expect(folderOf(trees, 'cpuacct', '/seaway/id')).toBe('/sys/fs/cgroup/cpu,cpuacct/seaway/id');
    expect(folderOf(trees, 'pids', '/seaway/id')).toBe('');
  });

  it('conmon leaves those that a service manager ends together with the engine', () => {
    const trees = parseCgroupMounts(hybrid);
    const service =
      '5:memory:/x\n1:name=systemd:/system.slice/seaway.service\n0::/system.slice/seaway.service\n';
    expect(monitorFolders(trees, service, '/seaway-conmon')).toEqual([
      '/sys/fs/cgroup/unified/seaway-conmon',
      '/sys/fs/cgroup/systemd/seaway-conmon',
    ]);
    expect(monitorFolders(trees, '5:memory:/x\n1:name=systemd:/\n0::/\n', '/seaway-conmon')).toEqual([]);
    expect(monitorFolders(parseCgroupMounts(v2), '0::/a.service\n', '/c')).toEqual(['/sys/fs/cgroup/c']);
  });

  it('tells where a cgroup cannot be removed yet', () => {
    const point = mkdtempSync(join(tmpdir(), 'seaway-cgroup-'));
    const trees = parseCgroupMounts(line(point, 'cgroup2', ''));
    mkdirSync(join(point, 'id/inner'), { recursive: true });
    // as a process that is about to end
    const busy = join(point, 'id/inner/busy');
    writeFileSync(busy, '');
    expect([removeCgroup(trees, '/id'), existsSync(join(point, 'id'))]).toEqual([false, true]);
    rmSync(busy);
    expect([removeCgroup(trees, '/id'), existsSync(join(point, 'id'))]).toEqual([true, false]);
    expect(removeCgroup(trees, '/id')).toBe(true);
    rmSync(point, { recursive: true });
  });
});
