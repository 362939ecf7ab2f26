/**
 * The copy of the records beside the store: a line of JSON for each record, and a last line with the digest of all
 * lines before it. It is independent of LMDB, so that a damaged store does not damage it.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setImmediate as turn } from 'node:timers/promises';
import { fail, messageOf } from '../errors.ts';
import { writeWhole } from '../files/write-whole.ts';
import { hasErrno } from '../system-error.ts';
import type { Snapshot } from './migration.ts';

export interface Copy {
  readonly version: number;
  readonly snapshot: Snapshot;
}

type Line = readonly [table: string, record: unknown];

/** Records that are serialised before the event loop has a turn. */
const atOnce = 200;

/** Throws system errors. Records must be immutable; the lists may change meanwhile. */
export async function writeCopy(path: string, { version, snapshot }: Copy): Promise<void> {
  await writeWhole(path, chunksOf(version, snapshot));
}

async function* chunksOf(version: number, snapshot: Snapshot): AsyncGenerator<string> {
  const hash = createHash('sha256');
  const lines = Object.entries(snapshot).flatMap(([table, records]) =>
    records.map((record): Line => [table, record]),
  );
  const head = `${JSON.stringify({ version, records: lines.length })}\n`;
  hash.update(head);
  yield head;
  for (let at = 0; at < lines.length; at += atOnce) {
    const chunk = lines.slice(at, at + atOnce).map((line) => `${JSON.stringify(line)}\n`);
    const text = chunk.join('');
    hash.update(text);
    yield text;
    await turn();
  }
  yield `${JSON.stringify({ sha256: hash.digest('hex') })}\n`;
}

/** Undefined for a missing file. Throws FILE_DAMAGED. */
export async function readCopy(path: string): Promise<Copy | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (thrown) {
    if (hasErrno(thrown, 'ENOENT')) return undefined;
    throw fail('FILE_DAMAGED', path, messageOf(thrown));
  }
  const end = text.lastIndexOf('\n', text.length - 2) + 1;
  const digest = createHash('sha256').update(text.slice(0, end)).digest('hex');
  if (text.slice(end) !== `${JSON.stringify({ sha256: digest })}\n`)
    throw fail('FILE_DAMAGED', path, 'its digest is another');
  const [head = '', ...lines] = text.slice(0, end).trimEnd().split('\n');
  const { version } = JSON.parse(head) as { readonly version: number };
  const snapshot: Record<string, Record<string, unknown>[]> = {};
  for (const line of lines) {
    const [table, record] = JSON.parse(line) as readonly [string, Record<string, unknown>];
    snapshot[table] ??= [];
    snapshot[table].push(record);
  }
  return { version, snapshot };
}
