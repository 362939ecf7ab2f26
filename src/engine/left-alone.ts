/**
 * Containers without a record, after the records were restored from their copy: they may hold data. Nothing of them is
 * ended, unmounted or removed; the administrator may remove their folders below the data root. One that the
 * copy knows as it was before its start is on record as running again, and its network is left alone.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../errors.ts';
import { isTexts, readJson } from '../files/damaged.ts';
import { writeWhole } from '../files/write-whole.ts';
import { withState } from '../model/containers.ts';
import { overlay } from '../model/overlay.ts';
import { leaveSandbox, sandboxOf } from '../model/sharing.ts';
import type { Change } from '../model/tables.ts';
import type { Origin } from '../store/prepare.ts';
import { hasErrno } from '../system-error.ts';
import type { Core } from './core.ts';

export type LeavingAlone = Pick<
  Core,
  'config' | 'folders' | 'generate' | 'leftAlone' | 'model' | 'records' | 'retries'
>;

/** Kept beside the store, for the next start. */
const noteOf = (core: Pick<Core, 'config'>): string => join(core.config.dataRoot, 'state', 'left-alone.json');

export async function findLeftAlone(
  core: LeavingAlone,
  origin: Origin,
  running: ReadonlyMap<string, number>,
): Promise<void> {
  if (origin === 'copy') for (const [id, pid] of running) await keepRunning(core, id, pid);
  const noted = (await readJson(noteOf(core), isTexts).catch(damaged)) ?? [];
  const there = new Set([
    ...running.keys(),
    ...namesIn(join(core.config.dataRoot, 'roots')),
    ...namesIn(core.folders.containers),
  ]);
  const candidates = origin === 'copy' ? there : new Set(noted);
  const isUnknown = (id: string): boolean => {
    const container = core.model.get('containers', id);
    return !container || (running.has(id) && sandboxOf(core.model, container) === undefined);
  };
  for (const id of candidates) if (there.has(id) && isUnknown(id)) core.leftAlone.add(id);
  if (origin === 'copy') await writeWhole(noteOf(core), JSON.stringify([...core.leftAlone]));
  if (core.leftAlone.size === 0) return;
  const ids = Array.from(core.leftAlone, (id) => id.slice(0, 12)).join(', ');
  await core.retries.once({ key: 'step:left alone', name: 'containers without a record' }, () => {
    throw new Error(
      `the store was put back from its copy, which does not know ${ids}, or not their networks: they are left alone`,
    );
  });
}

/** Its process is another one than the copy knows, or the copy knows none: so does it know another network. */
async function keepRunning(core: LeavingAlone, id: string, pid: number): Promise<void> {
  await core.records.keep((view) => {
    const container = view.get('containers', id);
    if (!container || container.state.pid === pid) return [];
    const startedAt = core.generate.now();
    const put = withState(container, { status: 'running', pid, exitCode: 0, error: '', startedAt });
    const own: readonly Change[] = [{ table: 'containers', put }];
    return [...own, ...leaveSandbox(overlay(view, own), id)];
  });
}

/** Throws if the note cannot be read, because what it names must not be touched. */
function damaged(error: unknown): readonly string[] {
  if (hasCode(error, 'FILE_DAMAGED')) return [];
  throw error;
}

/** Ids have no dots; names with one are partly removed. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => !name.includes('.'));
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return [];
    throw error;
  }
}
