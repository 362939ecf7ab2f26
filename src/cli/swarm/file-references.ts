/** `--secret` and `--config` of a service: which, and as what file of the task. */
import { parseUint32 } from '../../go/strconv.ts';
import { csvFields } from '../spec/csv.ts';
import type { FileTarget } from './types.ts';

/** A secret or config by its name, and its file. */
export interface FileReference {
  readonly name: string;
  readonly file: FileTarget;
}

export type FileKind = 'secret' | 'config';

/** One `--secret` or `--config`: a name, or `source=...,target=...`. Throws an `Error` in docker's words. */
export const parseFileReference =
  (kind: FileKind) =>
  (text: string): FileReference => {
    const file: FileTarget = { Name: '', UID: '0', GID: '0', Mode: 0o444 };
    const fields = csvFields(text);
    if (fields.length === 1 && !text.includes('='))
      return { name: fields[0] ?? '', file: { ...file, Name: fields[0] ?? '' } };
    let name = '';
    for (const field of fields) {
      const at = field.indexOf('=');
      if (at <= 0) throw new Error(`invalid field '${field}' must be a key=value pair`);
      const value = field.slice(at + 1);
      const key = field.slice(0, at).toLowerCase();
      if (key === 'source' || key === 'src') name = value;
      else if (key === 'target') file.Name = value;
      else if (key === 'uid') file.UID = value;
      else if (key === 'gid') file.GID = value;
      else if (key === 'mode') file.Mode = modeOf(value);
      else throw new Error(`invalid field in ${kind} request: ${field.slice(0, at)}`);
    }
    if (name === '') throw new Error('source is required');
    return { name, file: { ...file, Name: file.Name || name } };
  };

function modeOf(text: string): number {
  try {
    return parseUint32(text);
  } catch (thrown) {
    throw new Error(`invalid mode specified: ${thrown instanceof Error ? thrown.message : thrown}`);
  }
}
