/**
 * Reads all of a store in a child process, before the engine opens it: damaged or missing pages end a process that
 * maps them (SIGBUS, SIGSEGV).
 */
import { setTimeout as delay } from 'node:timers/promises';
import { keyOf, tableNames } from '../model/tables.ts';
import { runProgram } from '../programs/run.ts';
import { openToRead } from './environment.ts';

/** The child's part. Throws for a damaged store. */
export function readEverything(folder: string): void {
  const root = openToRead(folder);
  for (const name of tableNames) {
    const table = root.openDB({ name, encoding: 'json' });
    for (const { key, value } of table?.getRange() ?? [])
      if (keyOf(name, value) !== key) throw new Error(`a record of ${name} lies at another's place`);
  }
  for (const name of ['names', 'sandbox-names', 'meta']) {
    const table = root.openDB({ name, encoding: 'json' });
    for (const { value } of table?.getRange() ?? [])
      if (value === null) throw new Error(`no value in ${name}`);
  }
}

/** Milliseconds, enough for a large store on a slow disk. */
const patience = 120_000;

/** Milliseconds before each further try, because a child that lacks memory or descriptors fails too. */
const pauses = [100, 500];

/** The reason why a store is damaged; '' for a good one. `checker` is the child's command line. */
export async function whatIsWrong(folder: string, checker: readonly string[]): Promise<string> {
  for (const pause of pauses) {
    if ((await readOnce(folder, checker)) === '') return '';
    await delay(pause);
  }
  return await readOnce(folder, checker);
}

async function readOnce(folder: string, checker: readonly string[]): Promise<string> {
  const [program = '', ...args] = checker;
  const { code, signal, stderr } = await runProgram(program, [...args, folder], { limit: patience });
  if (code === 0) return '';
  if (signal) return `reading it ends with ${signal}`;
  return stderr.trim().split('\n').at(-1) || `reading it ends with status ${code}`;
}
