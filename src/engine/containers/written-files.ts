/**
 * The network files of a container, written in place: a mount holds on to the file and not to its name. What was
 * written is kept beside them, so that what the container itself writes there can be told from it.
 */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { writeInPlace } from '../../files/write-in-place.ts';
import { writeWholeSync } from '../../files/write-whole.ts';
import { withOwnLines } from '../../names/own-lines.ts';

export interface NetworkFiles {
  readonly hosts: string;
  readonly hostname: string;
  readonly resolvConf: string;
}

type Name = keyof NetworkFiles;

/** What was written; while it is being written, also what was there before. */
type Written = Readonly<Record<Name, readonly string[]>>;

/** In the container's folder. */
export const writtenName = 'network-files.json';

/** A container can make its files larger, but not have the engine read them. */
const mostBytes = 1024 * 1024;

/** For a container that starts, whatever is there. */
export function writeAnew(folder: string, files: NetworkFiles, texts: NetworkFiles): void {
  keep(folder, only(texts));
  for (const name of names) writeIfOther(files[name], texts[name]);
}

/**
 * While the container runs. A hostname or resolv.conf that it has changed is its own from then on; in hosts only
 * the engine's lines change.
 */
export function writeAgain(folder: string, files: NetworkFiles, texts: NetworkFiles): void {
  const written = readWritten(folder) ?? only(texts);
  const before = (name: Name): string => {
    const current = readText(files[name]);
    return written[name].find((text) => text === current) ?? written[name][0] ?? '';
  };
  const known = { hosts: before('hosts'), hostname: before('hostname'), resolvConf: before('resolvConf') };
  if (names.every((name) => known[name] === texts[name])) {
    keep(folder, only(texts));
    return;
  }
  keep(folder, {
    hosts: [texts.hosts, known.hosts],
    hostname: [texts.hostname, known.hostname],
    resolvConf: [texts.resolvConf, known.resolvConf],
  });
  for (const name of names) {
    const current = readText(files[name]);
    if (current === undefined) continue;
    if (current === known[name]) writeIfOther(files[name], texts[name]);
    else if (name === 'hosts')
      writeIfOther(files.hosts, withOwnLines(current, { before: known.hosts, now: texts.hosts }));
  }
  keep(folder, only(texts));
}

const only = ({ hosts, hostname, resolvConf }: NetworkFiles): Written => ({
  hosts: [hosts],
  hostname: [hostname],
  resolvConf: [resolvConf],
});

const names: readonly Name[] = ['hosts', 'hostname', 'resolvConf'];

function keep(folder: string, written: Written): void {
  const path = join(folder, writtenName);
  const text = JSON.stringify(written);
  if (readText(path) === text) return;
  writeWholeSync(path, text, { flush: false });
}

/** Undefined where there is none, or none that can be read. */
function readWritten(folder: string): Written | undefined {
  try {
    const value: unknown = JSON.parse(readText(join(folder, writtenName)) ?? '');
    return isWritten(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isWritten(value: unknown): value is Written {
  if (typeof value !== 'object' || value === null) return false;
  const record = value as Readonly<Record<string, unknown>>;
  return names.every((name) => {
    const texts = record[name];
    return Array.isArray(texts) && texts.every((text) => typeof text === 'string');
  });
}

/** Undefined where it is not there, or too large. */
function readText(path: string): string | undefined {
  try {
    return statSync(path).size > mostBytes ? undefined : readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function writeIfOther(path: string, text: string): void {
  if (readText(path) !== text) writeInPlace(path, text, 0o644);
}
