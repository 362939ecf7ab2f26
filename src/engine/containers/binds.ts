/** Folders of the host that a container mounts: checked at its creation, made or checked at its start. */
import { readFileSync, realpathSync } from 'node:fs';
import { fail } from '../../errors.ts';
import { hostPaths } from '../../kernel/files/host-paths.ts';
import type { Container, ContainerRequest, MountPoint } from '../../model/container.ts';
import { touchesDataRoot } from '../../model/mounts.ts';
import { cleanPath } from '../../model/paths.ts';
import type { Core } from '../core.ts';
import { mountAround } from './mountinfo.ts';
import { withPluginMounts } from './plugin-mounts.ts';

const bindsOf = ({ mounts }: Container): readonly MountPoint[] =>
  mounts.filter(({ type }) => type === 'bind');

/** `--mount type=bind` requires an existing source; `-v` makes it. */
export async function refuseMissingBinds(sources: readonly string[]): Promise<void> {
  for (const source of sources) {
    if (await hostPaths.exists(source)) continue;
    throw fail(
      'CONTAINER_CONFIG_INVALID',
      `invalid mount config for type "bind": bind source path does not exist: ${source}`,
    );
  }
}

/** Sources that must exist. Others than absolute ones are refused with the rest of the request. */
export const boundByRequest = ({ hostConfig }: Pick<ContainerRequest, 'hostConfig'>): readonly string[] =>
  (hostConfig.Mounts ?? []).flatMap(({ Type, Source = '', BindOptions }) =>
    Type === 'bind' && Source.startsWith('/') && !BindOptions?.CreateMountpoint ? [cleanPath(Source)] : [],
  );

/** Makes missing sources of `-v` as folders, and checks propagation against the host's mounts. */
export async function prepareBinds(core: Pick<Core, 'config'>, container: Container): Promise<void> {
  const existing = bindsOf(container).filter(({ options }) => options === 'exists');
  await refuseMissingBinds(existing.map(({ source }) => source));
  for (const bind of bindsOf(container)) {
    await hostPaths.ensureFolder(bind.source);
    const why = await unfollowable(bind);
    if (why !== undefined && !isImplied(core, container, bind)) throw fail('CONTAINER_CONFIG_INVALID', why);
  }
}

/** Why a mount cannot have its propagation. As dockerd, since the kernel would silently make it private. */
async function unfollowable({ source, propagation }: MountPoint): Promise<string | undefined> {
  const wantsShared = propagation.endsWith('shared');
  if (!wantsShared && !propagation.endsWith('slave')) return undefined;
  const around = mountAround(
    (await hostPaths.real(source)) ?? source,
    readFileSync('/proc/self/mountinfo', 'utf8'),
  );
  if (!around || around.isShared || (!wantsShared && around.isSlave)) return undefined;
  const lacks = wantsShared ? 'a shared mount' : 'a shared or slave mount';
  return `path ${source} is mounted on ${around.target} but it is not ${lacks}`;
}

/** Whether the propagation was not requested but follows from the data root. */
function isImplied(
  core: Pick<Core, 'config'>,
  { hostConfig }: Container,
  { source, destination, mode }: MountPoint,
): boolean {
  const asked = hostConfig.Mounts?.find(({ Target }) => Target === destination)?.BindOptions?.Propagation;
  return touchesDataRoot(source, realpathSync(core.config.dataRoot)) && !asked && !/slave|shared/.test(mode);
}

/** The mounts with the propagation that is possible: private if the host's mount cannot be followed. */
export function mountsToMake(
  core: Pick<Core, 'config'>,
  container: Container,
): Promise<readonly MountPoint[]> {
  const possible = async (mount: MountPoint): Promise<MountPoint> => {
    const isPrivate =
      mount.type === 'bind' && isImplied(core, container, mount) && (await unfollowable(mount)) !== undefined;
    return isPrivate ? { ...mount, propagation: 'rprivate' } : mount;
  };
  return Promise.all(withPluginMounts(container).map(possible));
}
