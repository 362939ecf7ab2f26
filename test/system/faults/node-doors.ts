/** Every operation of files and every start of a program, as Node offers them, may fail. */
import childProcess, { ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { codeOf, pass, systemError } from './doors.ts';
import type { Failure } from './point.ts';

type Callable = (this: unknown, ...args: unknown[]) => unknown;
type Table = Record<string, unknown>;

/** They answer with no error, end something, or stand for others that are wrapped. */
const never = /^(exists|existsSync|close|closeSync|unwatchFile|create|_|openAsBlob|toUnixTimestamp|realpath)/;
const handleOperations =
  /^(write|writeFile|appendFile|sync|datasync|truncate|read|readFile|stat|chmod|chown)$/;

export async function installNodeDoors(): Promise<void> {
  wrapAll(fs as unknown as Table, (name) => typeof name === 'string' && !never.test(name));
  wrapAll(promises as unknown as Table, (name) => !never.test(name));
  const handle = await promises.open('/dev/null');
  wrapAll(Object.getPrototypeOf(handle) as Table, (name) => handleOperations.test(name));
  await handle.close();
  wrapSpawn();
  syncBuiltinESMExports();
}

function wrapAll(table: Table, wanted: (name: string) => boolean): void {
  for (const name of Object.getOwnPropertyNames(table)) {
    const value = Object.getOwnPropertyDescriptor(table, name)?.value as unknown;
    if (typeof value !== 'function' || !/^[a-z]/.test(name) || !wanted(name)) continue;
    table[name] = fileDoor(name, value as Callable, table !== (fs as unknown as Table));
  }
}

function fileDoor(name: string, real: Callable, promising: boolean): Callable {
  const door: Callable = function fileDoor(...args) {
    const failure = pass('file', name);
    if (!failure) return Reflect.apply(real, this, args);
    const path = typeof args[0] === 'string' ? args[0] : undefined;
    const error = systemError(codeOf(failure), name.replace(/Sync$/, ''), path);
    const callback = args.at(-1);
    if (promising) return Promise.reject(error);
    if (name.endsWith('Sync') || name === 'watch' || typeof callback !== 'function') throw error;
    process.nextTick(callback as (error: Error) => void, error);
    return undefined;
  };
  return Object.assign(door, real);
}

/** Node tells these by an event, and throws the others. */
const toldLater = /^(EACCES|EAGAIN|EMFILE|ENFILE|ENOENT)$/;

function wrapSpawn(): void {
  const real = childProcess.spawn as unknown as Callable;
  (childProcess as unknown as Table).spawn = function programDoor(
    this: unknown,
    ...args: unknown[]
  ): unknown {
    const [program, list, options] = args as [string, readonly string[], object];
    const failure: Failure | undefined = pass('program', program.split('/').at(-1) ?? program);
    if (!failure) return Reflect.apply(real, this, args);
    if (failure === 'exit') return real('false', list, options);
    if (failure === 'hang') return real('sleep', ['1000'], options);
    const error = systemError(failure, `spawn ${program}`);
    if (!toldLater.test(failure)) throw error;
    const child = new ChildProcess();
    process.nextTick(() => child.emit('error', error));
    return child;
  };
}
