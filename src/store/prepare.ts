/**
 * Prepares the store before it is opened: checks it, migrates it to this program's format, and restores it from its
 * copy where it is damaged or gone. The engine never starts with an empty store where records may have been lost.
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
  /** The folder of the store. */
  readonly folder: string;
  /** Command line of the checking process, see `check.ts`. */
  readonly checker: readonly string[];
  /** Ids of running containers, which must have records. */
  readonly running: () => readonly string[];
  readonly logger: Logger;
  /** They read the options of networks in records of older versions. */
  readonly drivers: Drivers;
}

/** `copy`: it was damaged or gone and was restored from its copy, which may lack the latest changes. */
export type Origin = 'kept' | 'new' | 'copy';

export const copyOf = (folder: string): string => join(folder, 'copy.jsonl');

/** Throws STORE_DAMAGED or STORE_TOO_NEW, and then has changed nothing. */
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

/** Undefined for a copy that is missing, damaged or of a newer version. */
async function goodCopy({ folder, drivers, logger }: Preparing): Promise<Copy | undefined> {
  try {
    const copy = await readCopy(copyOf(folder));
    return copy && { version: currentVersion(), snapshot: migrate(copy.snapshot, copy.version, { drivers }) };
  } catch (error) {
    logger.error('the copy of the store cannot be used', { error });
    return undefined;
  }
}

/** Migrates the store; the former records stay in a file beside it. */
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

/** Writes the new store beside the old one and renames it; a crash before that leaves the old one, or the copy. */
async function replace(folder: string, copy: Copy): Promise<void> {
  const beside = join(folder, 'new');
  rmSync(beside, { recursive: true, force: true });
  mkdirSync(beside, { recursive: true, mode: 0o700 });
  await writeSnapshot(beside, copy);
  // it lists readers of the old store
  rmSync(join(folder, 'lock.mdb'), { force: true });
  renameSync(join(beside, 'data.mdb'), join(folder, 'data.mdb'));
  rmSync(beside, { recursive: true, force: true });
}
