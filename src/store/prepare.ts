/**
 * Before the store is opened: it is checked, brought to this program's format, and where it is damaged or gone
 * the copy takes its place. It never starts with an empty store where records may have been lost.
 */
import { mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fail } from '../errors.ts';
import { putAside } from '../files/damaged.ts';
import type { Logger } from '../observe/logger.ts';
import { whatIsWrong } from './check.ts';
import { type Copy, readCopy, writeCopy } from './copy.ts';
import type { Drivers } from './migration.ts';
import { currentVersion, migrate } from './migrations.ts';
import { readSnapshot, writeSnapshot } from './snapshot.ts';

export interface Preparing {
  /** Where the store lies. */
  readonly folder: string;
  /** Command line of the process that reads all of it, see `check.ts`. */
  readonly checker: readonly string[];
  /** Containers that run by now, whose records must be there. */
  readonly running: () => readonly string[];
  readonly logger: Logger;
  /** They read the options of networks in records of older versions. */
  readonly drivers: Drivers;
}

/** `copy`: it was damaged or gone, and is as its copy was; what is younger than that it does not know. */
export type Origin = 'kept' | 'new' | 'copy';

export const copyOf = (folder: string): string => join(folder, 'copy.jsonl');

/** Throws STORE_DAMAGED or STORE_TOO_NEW in one sentence; nothing is changed then. */
export async function prepareStore(preparing: Preparing): Promise<Origin> {
  const { folder, checker, logger } = preparing;
  const data = join(folder, 'data.mdb');
  const isThere = (statSync(data, { throwIfNoEntry: false })?.size ?? 0) > 0;
  const why = isThere ? await whatIsWrong(folder, checker) : 'it is gone';
  if (why === '') {
    await upgrade(preparing);
    return 'kept';
  }
  const copy = await goodCopy(preparing);
  if (!copy) return withoutCopy(preparing, { data, why: isThere ? why : '' });
  const aside = isThere ? putAside(data) : '';
  await replace(folder, copy);
  logger.error('the store was damaged: it is as its last copy was', { store: data, why, aside });
  return 'copy';
}

function withoutCopy(
  { folder, running }: Preparing,
  { data, why }: { readonly data: string; readonly why: string },
): Origin {
  const ids = running().map((id) => id.slice(0, 12));
  const runs = ids.length > 0 ? ` while its containers run (${ids.join(', ')})` : '';
  if (why !== '')
    throw fail(
      'STORE_DAMAGED',
      `the store ${data} is damaged (${why}) and has no good copy${runs}: put a good one in its place, or move ${folder} away to begin anew`,
    );
  if (ids.length > 0)
    throw fail(
      'STORE_DAMAGED',
      `the store ${data} is gone and has no good copy${runs}: put it back, or stop them to begin anew`,
    );
  return 'new';
}

/** A copy that is damaged or of a newer version is as none. */
async function goodCopy({ folder, drivers, logger }: Preparing): Promise<Copy | undefined> {
  try {
    const copy = await readCopy(copyOf(folder));
    return copy && { version: currentVersion(), snapshot: migrate(copy.snapshot, copy.version, { drivers }) };
  } catch (error) {
    logger.error('the copy of the store cannot be used', { error });
    return undefined;
  }
}

/** The records as they were stay beside it, under the name of their version. */
async function upgrade({ folder, drivers, logger }: Preparing): Promise<void> {
  const before = await readSnapshot(folder);
  if (before.version === currentVersion()) return;
  const snapshot = migrate(before.snapshot, before.version, { drivers });
  await writeCopy(join(folder, `before-version-${currentVersion()}.jsonl`), before);
  await replace(folder, { version: currentVersion(), snapshot });
  logger.info('the store was brought to the format of this version', {
    from: before.version,
    to: currentVersion(),
  });
}

/** The new one is made beside; a crash before it is in place leaves the old one, or the copy. */
async function replace(folder: string, copy: Copy): Promise<void> {
  const beside = join(folder, 'new');
  rmSync(beside, { recursive: true, force: true });
  mkdirSync(beside, { recursive: true, mode: 0o700 });
  await writeSnapshot(beside, copy);
  // readers of the one before
  rmSync(join(folder, 'lock.mdb'), { force: true });
  renameSync(join(beside, 'data.mdb'), join(folder, 'data.mdb'));
  rmSync(beside, { recursive: true, force: true });
}
