/** Finds containers of an earlier engine and watches those that run. */
import { existsSync, readdirSync } from 'node:fs';
import type { Container } from '../model/container.ts';
import { isAlive, sendSignal } from '../programs/identity.ts';
import type { ContainerRecord, Context } from './context.ts';
import { removeStaleExecs } from './exec.ts';
import type { ExitWatch } from './exits.ts';
import { isStarted, register, removeContainer } from './lifecycle.ts';
import { writeExit } from './monitor.ts';
import { rebuildRecord } from './rebuild-record.ts';
import { readRecord } from './record.ts';
import { monitorsBelow } from './running-below.ts';

const SIGKILL = 9;
const killedExitCode = 128 + SIGKILL;

/** See `Runtime.adopt`. A container that was created and never started is removed. */
export async function adoptContainers(
  context: Context,
  exits: ExitWatch,
  expected: readonly Container[],
): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  for (const record of await recordsOf(context, expected)) {
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
  await sweepExits(context, exits);
  return found;
}

/** Records of bundles and of expected containers that have not ended. A record whose processes are gone is rebuilt. */
async function recordsOf(
  context: Context,
  expected: readonly Container[],
): Promise<readonly ContainerRecord[]> {
  const { layout } = context;
  const containers = new Map(expected.map((container) => [container.id, container]));
  const ids = new Set([...readdirSync(layout.bundles), ...containers.keys()]);
  let monitors: ReadonlyMap<string, number> | undefined;
  const recordOf = async (id: string): Promise<ContainerRecord | undefined> => {
    const record = await readRecord(context, id);
    if (isAlive(record?.process) || isAlive(record?.monitor)) return record;
    monitors ??= monitorsBelow([layout.root]);
    return rebuildRecord(context, { id, monitorPid: monitors.get(id), container: containers.get(id) });
  };
  const open = [...ids].filter((id) => !existsSync(layout.exit(id)));
  const records = await Promise.all(open.map(recordOf));
  return records.filter((record) => record !== undefined);
}

/**
 * conmon has ended. If it was killed, its container has no reader of its output and no monitor: the container is
 * killed and its exit file is written in conmon's place. Otherwise conmon has written the exit file.
 */
export function monitorEnded(context: Context, exits: ExitWatch, id: string): void {
  exits.look(id);
  const known = context.running.get(id);
  if (!known || existsSync(context.layout.exit(id))) return;
  // where the folder of the exits is gone, conmon could not tell either
  context.logger.warn('conmon is gone: ending its container', { container: id });
  sendSignal(known.process, SIGKILL);
  exits.ensure();
  writeExit(context, id, killedExitCode);
  // all, as conmon may have left a file that it was writing
  exits.scan();
  void sweepExits(context, exits);
}

/** Removes exit files that no conmon will finish. */
export const sweepExits = ({ running, starting, removing }: Context, exits: ExitWatch): Promise<void> =>
  exits.sweep((id) => !running.has(id) && !starting.has(id) && !removing.has(id));
