/**
 * The network files of a container, written in place because a mount refers to the file and not to its name. Copies of
 * the written texts are kept beside them, to recognize changes by the container.
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

/** The written texts, and the former ones, which a crash may have left in the files. */
type Written = Readonly<Record<Name, readonly string[]>>;

/** File name in the container's folder. */
export const writtenName = 'network-files.json';

/** Largest file that is read; a container can make its files larger. */
const mostBytes = 1024 * 1024;

/** Writes the files of a container that starts. */
export function writeAnew(folder: string, files: NetworkFiles, texts: NetworkFiles): void {
  keep(folder, only(texts));
  for (const name of names) writeIfOther(files[name], texts[name]);
}

/**
 * Updates the files of a running container. A hostname or resolv.conf that it has changed stays as it is; in hosts only
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

/** Undefined if it is missing or damaged. */
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

/** Undefined if it is missing or too large. */
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
