/** `docker rename` and `docker update`. */
import { fail, hasCode, type SeawayError } from '../../errors.ts';
import type { Container, HostConfig } from '../../model/container.ts';
import { isAlive } from '../../model/container-state.ts';
import { renameContainer } from '../../model/containers.ts';
import { adaptLimits } from '../../model/limit-support.ts';
import { checkLimits, liftedCpus } from '../../model/limits.ts';
import { findContainer } from '../../model/references.ts';
import type { View } from '../../model/tables.ts';
import { type Changing, change } from '../change.ts';
import type { ContainerUpdate } from '../container-verbs.ts';
import type { Core } from '../core.ts';
import { processors } from '../processors.ts';
import { emitContainer } from './container-events.ts';

export type Updating = Changing & Pick<Core, 'events' | 'queue' | 'runtime'>;

export function rename(core: Updating, ref: string, name: string): Promise<void> {
  const { id } = findContainer(core.model, ref);
  return core.queue.run(id, async () => {
    const { container } = await change(core, (view) => {
      const found = findContainer(view, id);
      return { container: found, changes: renameContainer(view, found, name) };
    });
    const renamed = findContainer(core.model, id);
    emitContainer(core, 'rename', renamed, { oldName: `/${container.name}` });
  });
}

export function update(core: Updating, ref: string, changes: ContainerUpdate): Promise<readonly string[]> {
  const { id } = findContainer(core.model, ref);
  return core.queue.run(id, async () => {
    // settings that the container has already are neither checked nor warned of again
    const { instead, warnings } = adaptLimits({ Memory: 0, ...changes }, core.runtime.support);
    const transition = (view: View) => {
      const container = findContainer(view, id);
      const hostConfig: HostConfig = {
        ...container.hostConfig,
        ...changes,
        ...instead,
        ...liftedCpus(changes),
      };
      refuseUpdate(container, changes);
      checkLimits(hostConfig, processors());
      const updated = { ...container, hostConfig };
      return { updated, changes: [{ table: 'containers', put: updated } as const] };
    };
    const { updated } = await change(core, transition, () => limitProcess(core, id));
    emitContainer(core, 'update', updated);
    return warnings;
  });
}

/** A container that ends meanwhile has the limits at its next start. */
async function limitProcess(core: Pick<Core, 'model' | 'runtime'>, id: string): Promise<void> {
  const container = findContainer(core.model, id);
  if (!isAlive(container)) return;
  try {
    await core.runtime.update(container);
  } catch (error) {
    if (!hasCode(error, 'CONTAINER_NOT_RUNNING')) throw error;
  }
}

/** Refuses what an update must not change, in Docker's words. */
function refuseUpdate({ id, hostConfig, state }: Container, changes: ContainerUpdate): void {
  const refuse = (why: string): SeawayError =>
    fail('CONTAINER_STATE', `Cannot update container ${id}: ${why}`);
  const {
    Memory = 0,
    MemorySwap = hostConfig.MemorySwap,
    CpuQuota = 0,
    CpuPeriod = 0,
    NanoCpus = 0,
  } = changes;
  if (state.status === 'removing' || state.status === 'dead')
    throw refuse('container is marked for removal and cannot be "update"');
  const policy = changes.RestartPolicy?.Name ?? '';
  if (hostConfig.AutoRemove && policy !== '' && policy !== 'no')
    throw refuse('Restart policy cannot be updated because AutoRemove is enabled for the container');
  if (MemorySwap > 0 && Memory > MemorySwap && changes.MemorySwap === undefined)
    throw refuse(
      'Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time',
    );
  if (hostConfig.NanoCpus > 0 && CpuQuota > 0)
    throw refuse('Conflicting options: CPU Quota cannot be updated as NanoCPUs has already been set');
  if (hostConfig.NanoCpus > 0 && CpuPeriod > 0)
    throw refuse('Conflicting options: CPU Period cannot be updated as NanoCPUs has already been set');
  if (NanoCpus > 0 && (hostConfig.CpuQuota > 0 || hostConfig.CpuPeriod > 0))
    throw refuse(
      'Conflicting options: Nano CPUs cannot be updated as CPU Quota or Period has already been set',
    );
}
