/** The record of a container in its bundle, for later engines. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../errors.ts';
import { hasNames, readJson } from '../files/damaged.ts';
import { patiently } from '../files/patiently.ts';
import { writeWhole } from '../files/write-whole.ts';
import { identify, type ProcessIdentity } from '../programs/identity.ts';
import { hasErrno } from '../system-error.ts';
import type { ContainerRecord, Context } from './context.ts';

const recordPath = (context: Context, id: string): string => join(context.layout.bundle(id), 'state.json');

export const writeRecord = (context: Context, record: ContainerRecord): Promise<void> =>
  writeWhole(recordPath(context, record.id), JSON.stringify(record), { flush: false });

/** The process that a pid file names. */
export async function identifyByFile(path: string): Promise<ProcessIdentity | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return identify(Number(text.trim()));
}

const isIdentity = (value: unknown): value is ProcessIdentity =>
  hasNames<ProcessIdentity>('pid', 'startTime')(value) &&
  Number.isInteger(value.pid) &&
  typeof value.startTime === 'string';

const isRecord = (value: unknown): value is ContainerRecord =>
  hasNames<ContainerRecord>('id', 'process', 'cgroup', 'log')(value) &&
  isIdentity(value.process) &&
  (value.monitor === undefined || isIdentity(value.monitor)) &&
  typeof value.cgroup === 'string' &&
  hasNames<ContainerRecord['log']>('kept', 'maxSize', 'maxFile')(value.log);

/** Undefined if it is missing or damaged. */
export async function readRecord(context: Context, id: string): Promise<ContainerRecord | undefined> {
  return await readable(context, {
    path: recordPath(context, id),
    isForm: (value): value is ContainerRecord => isRecord(value) && value.id === id,
  });
}

/** The cgroup that a bundle names, also if its creation failed half-way; '' for none. */
export async function cgroupOfBundle(context: Context, bundle: string): Promise<string> {
  const isForm = hasNames<{ readonly linux: { readonly cgroupsPath: string } }>('linux');
  const spec = await readable(context, { path: join(bundle, 'config.json'), isForm });
  return spec?.linux.cgroupsPath ?? '';
}

/**
 * Reads a JSON file. A damaged one is logged and counts as missing. Throws if it cannot be read for another reason
 * (too many open files), since its container may run.
 */
export async function readable<T>(
  context: Context,
  { path, isForm }: { readonly path: string; readonly isForm: (value: unknown) => value is T },
): Promise<T | undefined> {
  try {
    return await patiently(() => readJson(path, isForm));
  } catch (error) {
    if (!hasCode(error, 'FILE_DAMAGED') && !hasErrno(error, ...ofTheFile)) throw error;
    context.logger.warn('a file cannot be read', { error });
    return undefined;
  }
}

/** Errors of the file itself, which are permanent. */
const ofTheFile = ['EISDIR', 'EIO', 'ENOTDIR', 'ELOOP'];
