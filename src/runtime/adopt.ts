/** Finding the containers of the engine that was here before, and watching over those that run. */
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import type { Context } from './context.ts';
import { removeStaleExecs } from './exec.ts';
import type { ExitWatch } from './exits.ts';
import { isAlive, sendSignal } from './identity.ts';
import { isStarted, recordsThere, register, removeContainer } from './lifecycle.ts';

const SIGKILL = 9;
const killedExitCode = 128 + SIGKILL;

/** See `Runtime.adopt`. A container that was created and never started is removed. */
export async function adoptContainers(context: Context): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  for (const record of await recordsThere(context)) {
    if (existsSync(context.layout.exit(record.id))) continue;
    const alive = isAlive(record.process);
    // With its conmon alone it is about to end: the exit is still to come.
    if (!alive && !isAlive(record.monitor)) continue;
    if (alive && !isStarted(context, record.id)) {
      await removeContainer(context, record.id);
      continue;
    }
    register(context, record);
    found.set(record.id, record.process.pid);
  }
  await removeStaleExecs(context);
  return found;
}

/** Milliseconds between two looks. */
const lookEvery = 2000;

/**
 * Should conmon be killed, nobody takes the container's output or sees its end: the container is ended
 * and its end written down in conmon's place. Also finds ends whose event was missed.
 */
export function watchMonitors(context: Context, exits: ExitWatch): () => void {
  const look = (): void => {
    for (const { id, monitor, process } of context.running.values()) {
      if (isAlive(monitor)) continue;
      exits.look(id);
      if (!context.running.has(id) || existsSync(context.layout.exit(id))) continue;
      context.logger.warn('conmon is gone: ending its container', { container: id });
      sendSignal(process, SIGKILL);
      writeFileSync(`${context.layout.exit(id)}.new`, String(killedExitCode));
      renameSync(`${context.layout.exit(id)}.new`, context.layout.exit(id));
      exits.look(id);
    }
  };
  const timer = setInterval(look, lookEvery).unref();
  return () => clearInterval(timer);
}
