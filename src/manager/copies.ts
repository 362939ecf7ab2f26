/** Copies of the records on a manager's disk: whole, sealed, and a file each. A swarm whose store is lost begins again from one. */
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { messageOf } from '../errors.ts';
import { writeWhole } from '../files/write-whole.ts';
import type { Put } from '../kv/kv.ts';
import type { Logger } from '../observe/logger.ts';
import { type SwarmChange, type SwarmView, swarmTables } from '../swarm/records.ts';
import { hasErrno } from '../system-error.ts';
import { changeOf, putOf } from './formats.ts';
import { lineOf } from './lines.ts';
import type { Seal } from './sealing.ts';

export interface CopiesOptions {
  readonly folder: string;
  readonly view: SwarmView;
  readonly seal: Seal;
  readonly logger: Logger;
}

/** Milliseconds between copies, and how many are kept. */
const [period, kept] = [1_800_000, 8];
/** Records that are sealed before others have their turn. */
const atOnce = 100;
/** In order of time. */
const known = /^records-[\dTZ]+\.jsonl$/;

export class Copies {
  readonly #options: CopiesOptions;
  #timer: NodeJS.Timeout | undefined;
  #copied = 0;
  #running: Promise<void> | undefined;

  constructor(options: CopiesOptions) {
    this.#options = options;
  }

  begin(): void {
    this.#timer = setInterval(() => this.#due(), period).unref();
    this.#due();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  /** The path of the new one. */
  async copy(now = new Date()): Promise<string> {
    const { folder, view, seal } = this.#options;
    const { revision } = view;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const name = `records-${now.toISOString().replaceAll(/[-:.]/g, '')}.jsonl`;
    // those of one moment, whatever changes while they are written
    const rows = swarmTables.flatMap((table) =>
      Array.from(view.all(table), (put) => ({ table, put }) as Extract<SwarmChange, { put: unknown }>),
    );
    await writeWhole(join(folder, name), sealed(rows, seal));
    this.#copied = revision;
    for (const old of (await namesIn(folder)).slice(kept)) await rm(join(folder, old), { force: true });
    return join(folder, name);
  }

  #due(): void {
    const { view, logger } = this.#options;
    if (view.revision === this.#copied) return;
    this.#running ??= this.copy()
      .then(() => undefined)
      .catch((error) => logger.error('the records of the swarm are not copied', { error: messageOf(error) }))
      .finally(() => {
        this.#running = undefined;
      });
  }
}

async function* sealed(
  rows: readonly Extract<SwarmChange, { put: unknown }>[],
  seal: Seal,
): AsyncGenerator<string> {
  for (let i = 0; i < rows.length; i += atOnce) {
    await setImmediate();
    yield rows
      .slice(i, i + atOnce)
      .map((row) => lineOf(putOf(seal, row)))
      .join('');
  }
}

/** Newest first. */
async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder))
      .filter((name) => known.test(name))
      .sort()
      .reverse();
  } catch (thrown) {
    if (hasErrno(thrown, 'ENOENT')) return [];
    throw thrown;
  }
}

/** The folder of sealed copies, next to that of etcd. */
export const copiesFolder = (data: string): string => join(dirname(data), 'copies');

/** The name of the newest copy; undefined where there is none. */
export const newestCopy = async (folder: string): Promise<string | undefined> => (await namesIn(folder))[0];

/** The records of a copy. Throws SWARM_SEALED for one of another swarm. */
export async function readCopy(path: string, seal: Seal): Promise<readonly SwarmChange[]> {
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '');
  return lines.flatMap((line) => {
    const { key, value } = JSON.parse(line) as Put;
    return changeOf(seal, { key, value, revision: 0 }) ?? [];
  });
}
