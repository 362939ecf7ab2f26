/** Folders of the host that a container mounts: looked for at its creation, made or checked at its start. */
import { readFileSync, realpathSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { fail } from '../../errors.ts';
import type { Container, MountPoint } from '../../model/container.ts';
import type { Core } from '../core.ts';
import { mountAround } from './mountinfo.ts';

const bindsOf = ({ mounts }: Container): readonly MountPoint[] =>
  mounts.filter(({ type }) => type === 'bind');

/** `--mount type=bind` wants its source to be there; `-v` makes it. */
export function refuseMissingBinds(core: Core, container: Container): void {
  for (const { source, options } of bindsOf(container)) {
    if (options !== 'exists' || core.volumes.exists(source)) continue;
    throw fail(
      'CONTAINER_CONFIG_INVALID',
      `invalid mount config for type "bind": bind source path does not exist: ${source}`,
    );
  }
}

/** What `-v` names and is not there becomes a folder; propagation is checked against the host's mounts. */
export async function prepareBinds(core: Core, container: Container): Promise<void> {
  refuseMissingBinds(core, container);
  for (const { source, propagation } of bindsOf(container)) {
    if (!core.volumes.exists(source)) await mkdir(source, { recursive: true, mode: 0o755 });
    checkPropagation(source, propagation);
  }
}

/** As dockerd: the kernel would give a private mount instead, and nobody would be told. */
function checkPropagation(source: string, propagation: string): void {
  const wantsShared = propagation.endsWith('shared');
  if (!wantsShared && !propagation.endsWith('slave')) return;
  const around = mountAround(realpathSync(source), readFileSync('/proc/self/mountinfo', 'utf8'));
  if (!around || around.isShared || (!wantsShared && around.isSlave)) return;
  const lacks = wantsShared ? 'a shared mount' : 'a shared or slave mount';
  throw fail(
    'CONTAINER_CONFIG_INVALID',
    `path ${source} is mounted on ${around.target} but it is not ${lacks}`,
  );
}
