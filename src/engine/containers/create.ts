/** `docker create`: everything is checked and written down; nothing runs yet. */
import { hostname } from 'node:os';
import { fail } from '../../errors.ts';
import type { Container, ContainerDraft, MountAsk } from '../../model/container.ts';
import { createContainer } from '../../model/containers.ts';
import type { Volume } from '../../model/volume.ts';
import { parseLogConfig } from '../../runtime/logs/config.ts';
import type { Core } from '../core.ts';
import { tellContainer } from './tell.ts';

export async function create(
  core: Core,
  draft: ContainerDraft,
): Promise<{ readonly id: string; readonly warnings: readonly string[] }> {
  const image = core.images.get(draft.config.Image);
  const container = createContainer(
    core.model,
    { draft, image },
    {
      dice: core.dice,
      hostname: hostname(),
      anonymousName: () => core.dice.id(),
      volumePath: (name) => core.volumes.path(name),
    },
  );
  parseLogConfig(container.hostConfig.LogConfig);
  refuseMissingBinds(core, container);
  await makeVolumes(core, container);
  await core.records.commit([{ table: 'containers', put: container }]);
  tellContainer(core, 'create', container);
  return { id: container.id, warnings: warningsOf(container) };
}

/** `--mount type=bind` wants its source to be there; `-v` makes it. */
function refuseMissingBinds(core: Core, container: Container): void {
  for (const { type, source, options } of container.mounts) {
    if (type !== 'bind' || options !== 'exists' || core.volumes.exists(source)) continue;
    throw fail(
      'CONTAINER_CONFIG_INVALID',
      `invalid mount config for type "bind": bind source path does not exist: ${source}`,
    );
  }
}

/** Volumes that the container names and that are not there yet. */
async function makeVolumes(core: Core, container: Container): Promise<void> {
  for (const { type, name } of container.mounts) {
    if (type !== 'volume' || core.model.get('volumes', name)) continue;
    const asked = container.hostConfig.Mounts?.find((mount) => mount.Source === name);
    const volume = await core.volumes.create(volumeDraft(container, name, asked));
    tellVolume(core, 'create', volume);
  }
}

const volumeDraft = (
  container: Container,
  name: string,
  asked: MountAsk | undefined,
): Parameters<Core['volumes']['create']>[0] => ({
  name,
  driver: asked?.VolumeOptions?.DriverConfig?.Name || container.hostConfig.VolumeDriver || 'local',
  labels: asked?.VolumeOptions?.Labels ?? {},
  options: asked?.VolumeOptions?.DriverConfig?.Options ?? {},
  anonymous: container.anonymousVolumes.includes(name),
});

const tellVolume = (core: Core, action: string, { name, driver }: Volume): void =>
  core.events.emit({ type: 'volume', action, id: name, attributes: { driver } });

function warningsOf({ hostConfig }: Container): readonly string[] {
  const warnings: string[] = [];
  if (hostConfig.NetworkMode === 'host' && Object.keys(hostConfig.PortBindings).length > 0)
    warnings.push('Published ports are discarded when using host network mode');
  return warnings;
}
