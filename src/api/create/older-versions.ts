/** Translates create requests of older API versions. */
import { fail } from '../../errors.ts';
import type { ContainerCreate } from '../schemas/containers.ts';
import type { HostConfigBody, MountBody } from '../schemas/host-config.ts';
import type { Minor } from '../version.ts';
import type { RequestDefaults } from './defaults.ts';

/** Until API 1.43 a non-recursive bind did not say whether submounts are read-only. */
function olderMount(mount: MountBody): MountBody {
  const { BindOptions: bind } = mount;
  if (bind?.ReadOnlyForceRecursive)
    throw fail('BAD_REQUEST', 'BindOptions.ReadOnlyForceRecursive needs API v1.44 or newer');
  if (!bind?.NonRecursive) return mount;
  return { ...mount, BindOptions: { ...bind, ReadOnlyNonRecursive: true } };
}

/** `HostConfig` of the request as the newest version would have it. Throws BAD_REQUEST. */
export function ofVersion(
  request: ContainerCreate,
  {
    version,
    defaults,
  }: { readonly version: Minor; readonly defaults: Pick<RequestDefaults, 'cgroupVersion'> },
): ContainerCreate {
  const host = request.HostConfig ?? {};
  const changes: HostConfigBody = {
    ...(version < 40 && !host.IpcMode && { IpcMode: 'shareable' }),
    ...(version < 41 && defaults.cgroupVersion === 1 && !host.CgroupnsMode && { CgroupnsMode: 'host' }),
    ...(version < 44 && host.Mounts && { Mounts: host.Mounts.map(olderMount) }),
  };
  const { Annotations: annotations, ...rest } = host;
  const kept = version < 43 ? rest : host;
  return { ...request, HostConfig: { ...kept, ...changes } };
}

/** Since 1.44 a read-only bind is read-only with all that is mounted below it. */
export const readsOnlyTop = (version: Minor): boolean => version < 44;
