/** Folders of the host that a container mounts: checked at its creation, made or checked at its start. */
import { readFileSync, realpathSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { fail } from '../../errors.ts';
import type { Container, MountPoint } from '../../model/container.ts';
import { touchesDataRoot } from '../../model/mounts.ts';
import type { Core } from '../core.ts';
import { mountAround } from './mountinfo.ts';
import { withPluginMounts } from './plugin-mounts.ts';

const bindsOf = ({ mounts }: Container): readonly MountPoint[] =>
  mounts.filter(({ type }) => type === 'bind');

/** `--mount type=bind` requires an existing source; `-v` makes it. */
export function refuseMissingBinds(core: Pick<Core, 'volumes'>, container: Container): void {
  for (const { source, options } of bindsOf(container)) {
    if (options !== 'exists' || core.volumes.exists(source)) continue;
    throw fail(
      'CONTAINER_CONFIG_INVALID',
      `invalid mount config for type "bind": bind source path does not exist: ${source}`,
    );
  }
}

/** Makes missing sources of `-v` as folders, and checks propagation against the host's mounts. */
export async function prepareBinds(
  core: Pick<Core, 'config' | 'volumes'>,
  container: Container,
): Promise<void> {
  refuseMissingBinds(core, container);
  for (const bind of bindsOf(container)) {
    const { source } = bind;
    if (!core.volumes.exists(source)) await mkdir(source, { recursive: true, mode: 0o755 });
    const why = unfollowable(bind);
    if (why !== undefined && !isImplied(core, container, bind)) throw fail('CONTAINER_CONFIG_INVALID', why);
  }
}

/** Why a mount cannot have its propagation. As dockerd, since the kernel would silently make it private. */
function unfollowable({ source, propagation }: MountPoint): string | undefined {
  const wantsShared = propagation.endsWith('shared');
  if (!wantsShared && !propagation.endsWith('slave')) return undefined;
  const around = mountAround(realpathSync(source), readFileSync('/proc/self/mountinfo', 'utf8'));
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
export function mountsToMake(core: Pick<Core, 'config'>, container: Container): readonly MountPoint[] {
  return withPluginMounts(container).map((mount) => {
    const isPrivate =
      mount.type === 'bind' && isImplied(core, container, mount) && unfollowable(mount) !== undefined;
    return isPrivate ? { ...mount, propagation: 'rprivate' } : mount;
  });
}
