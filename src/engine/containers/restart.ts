/** `docker restart`: stops, then starts. */
import { hasCode } from '../../errors.ts';
import { findContainer } from '../../model/references.ts';
import { start } from './boot.ts';
import { emitContainer } from './container-events.ts';
import type { Starting } from './start.ts';
import { type StopOptions, stop } from './stop.ts';

export async function restart(core: Starting, ref: string, options: StopOptions): Promise<void> {
  const { id } = findContainer(core.model, ref);
  await core.restarts.hold(id, async () => {
    await unlessAlready(stop(core, id, options));
    await unlessAlready(start(core, id));
  });
  emitContainer(core, 'restart', findContainer(core.model, id));
}

/** Another request may have stopped or started it at the same time. */
async function unlessAlready(task: Promise<void>): Promise<void> {
  await task.catch((error) => {
    if (!hasCode(error, 'CONTAINER_ALREADY')) throw error;
  });
}
