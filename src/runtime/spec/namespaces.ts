/** The namespaces that a container owns, joins, or shares with the host. */
import { fail } from '../../errors.ts';
import type { HostConfig } from '../../model/container.ts';
import type { StartSpec } from '../runtime.ts';
import type { OciNamespace } from './oci.ts';

const isContainer = (mode: string): boolean => mode.startsWith('container:');

function joinOrOwn(type: 'pid' | 'ipc' | 'uts', mode: string, pid: number): OciNamespace[] {
  if (mode === 'host') return [];
  if (!isContainer(mode)) return [{ type }];
  if (pid === 0) {
    const other = mode.slice('container:'.length);
    throw fail(
      'CONTAINER_STATE',
      `failed to join ${type.toUpperCase()} namespace: container ${other} is not running`,
    );
  }
  return [{ type, path: `/proc/${pid}/ns/${type}` }];
}

/** Docker's default: private on cgroup v2, the host's on v1. */
export function privateCgroup(host: HostConfig, cgroupVersion: 1 | 2): boolean {
  if (host.CgroupnsMode === '') return cgroupVersion === 2;
  if (host.CgroupnsMode === 'private' || host.CgroupnsMode === 'host') return host.CgroupnsMode === 'private';
  throw fail('CONTAINER_CONFIG_INVALID', `invalid cgroup namespace mode "${host.CgroupnsMode}"`);
}

/** Whether the container has its own pid namespace, in which an init may run. */
export const ownPids = (host: HostConfig): boolean => host.PidMode !== 'host' && !isContainer(host.PidMode);

/** `/dev/shm` by IpcMode: its own, shareable with other containers, the host's, another container's, or none. */
export function shmKind(host: HostConfig): 'own' | 'shareable' | 'host' | 'join' | 'none' {
  if (host.IpcMode === 'none' || host.IpcMode === 'host' || host.IpcMode === 'shareable') return host.IpcMode;
  if (isContainer(host.IpcMode)) return 'join';
  if (host.IpcMode === '' || host.IpcMode === 'private') return 'own';
  throw fail('CONTAINER_CONFIG_INVALID', `invalid IPC mode: ${host.IpcMode}`);
}

function networkOf({ netns, ownNetwork = false }: StartSpec): OciNamespace[] {
  if (netns !== '') return [{ type: 'network', path: netns }];
  return ownNetwork ? [{ type: 'network' }] : [];
}

export function namespacesOf(start: StartSpec, cgroupVersion: 1 | 2): readonly OciNamespace[] {
  const host = start.container.hostConfig;
  if (host.UsernsMode !== '' && host.UsernsMode !== 'host') {
    throw fail('NOT_SUPPORTED', `user namespace mode "${host.UsernsMode}"`);
  }
  return [
    { type: 'mount' },
    ...networkOf(start),
    ...joinOrOwn('uts', host.UTSMode, start.join.uts),
    ...joinOrOwn('ipc', host.IpcMode, start.join.ipc),
    ...joinOrOwn('pid', host.PidMode, start.join.pid),
    ...(privateCgroup(host, cgroupVersion) ? [{ type: 'cgroup' } as const] : []),
  ];
}
