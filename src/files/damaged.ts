/** Damaged files: errors name the path, and a file can be set aside. */
import { renameSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fail, messageOf } from '../errors.ts';
import { hasErrno } from '../system-error.ts';

/** Reads a JSON file; undefined for a missing one. Throws FILE_DAMAGED for invalid JSON and where `isForm` is false. */
export async function readJson<T>(
  path: string,
  isForm: (value: unknown) => value is T,
): Promise<T | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (thrown) {
    if (hasErrno(thrown, 'ENOENT')) return undefined;
    throw thrown;
  }
  const value = parse(path, text);
  if (!isForm(value)) throw fail('FILE_DAMAGED', path, 'it is JSON of another form');
  return value;
}

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    throw fail('FILE_DAMAGED', path, text === '' ? 'it is empty' : messageOf(thrown));
  }
}

export const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

/** A check for objects with all these fields. */
export const hasNames =
  <T extends object>(...names: readonly (keyof T & string)[]) =>
  (value: unknown): value is T =>
    typeof value === 'object' && value !== null && names.every((name) => name in value);

/** Renames the file to `PATH.damaged-TIME` and returns the new path. Throws system errors. */
export function putAside(path: string, now: Date = new Date()): string {
  const aside = `${path}.damaged-${now.toISOString().replaceAll(/[:.]/g, '-')}`;
  renameSync(path, aside);
  return aside;
}
