/** `docker rename` and `docker update`. */
import type { HostConfig } from '../../model/container.ts';
import { renameContainer } from '../../model/containers.ts';
import { findContainer } from '../../model/references.ts';
import { type Core, change } from '../core.ts';
import type { ContainerUpdate } from '../verbs.ts';
import { refreshDependents } from './network-files.ts';
import { isAlive } from './stop.ts';
import { tellContainer } from './tell.ts';

export function rename(core: Core, ref: string, name: string): Promise<void> {
  const { id } = findContainer(core.model, ref);
  return core.queue.run(id, async () => {
    const container = findContainer(core.model, id);
    await core.records.commit(renameContainer(core.model, container, name));
    refreshDependents(core, id);
    const renamed = findContainer(core.model, id);
    tellContainer(core, 'rename', renamed, { oldName: `/${container.name}` });
  });
}

export function update(core: Core, ref: string, changes: ContainerUpdate): Promise<readonly string[]> {
  const { id } = findContainer(core.model, ref);
  return core.queue.run(id, async () => {
    const container = findContainer(core.model, id);
    const hostConfig: HostConfig = { ...container.hostConfig, ...changes };
    const updated = { ...container, hostConfig };
    await change(core, [{ table: 'containers', put: updated }], async () => {
      const now = findContainer(core.model, id);
      if (isAlive(now)) await core.runtime.update(now);
    });
    tellContainer(core, 'update', updated);
    return [];
  });
}
