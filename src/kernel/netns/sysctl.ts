/**
 * Sysctls of a network namespace. /proc/sys/net shows the namespace of the thread that opens a file,
 * so files are opened inside the namespace and used by descriptor.
 */
import { closeSync, constants, openSync, readSync, watch, writeSync } from 'node:fs';
import { fail } from '../../errors.ts';
import { sysctlPath } from '../../objects/sysctl.ts';
import { Fault } from '../ffi/fault.ts';

/** Runs a function inside a certain namespace. */
export type Inside = <T>(open: () => T) => T;

/** Room for the longest value (lists of reserved ports); shared, because reading is synchronous. */
const scratch = Buffer.alloc(64 * 1024);

export function readSysctl(inside: Inside, key: string): string | undefined {
  const fd = openKey(inside, key, constants.O_RDONLY);
  if (fd === undefined) return undefined;
  try {
    return readValue(fd);
  } catch (error) {
    throw sysctlError(`read sysctl ${key}`, error);
  } finally {
    closeSync(fd);
  }
}

export function writeSysctl(inside: Inside, key: string, value: string): void {
  const doing = `set sysctl ${key} to "${value}"`;
  const current = readSysctl(inside, key);
  if (current === undefined) throw fail('KERNEL', doing, 'there is no such sysctl');
  if (words(current) === words(value)) return;
  const fd = openKey(inside, key, constants.O_WRONLY);
  if (fd === undefined) throw fail('KERNEL', doing, 'there is no such sysctl');
  try {
    writeSync(fd, value);
  } catch (error) {
    throw sysctlError(doing, error);
  } finally {
    closeSync(fd);
  }
}

/** Calls `changed` when a program writes the key; inotify reports writes by file, as sysctls are written. */
export function watchSysctl(inside: Inside, key: string, changed: () => void): () => void {
  const path = sysctlFile(key);
  try {
    const watcher = inside(() => watch(path, { persistent: false }, changed));
    // the key may go with its module or its link
    watcher.on('error', () => watcher.close());
    return () => watcher.close();
  } catch {
    return () => undefined;
  }
}

/** Path of a `net` key with dots or slashes below /proc/sys. Throws KERNEL for any other key. */
export function sysctlFile(key: string): string {
  const parts = sysctlPath(key).split('/');
  const strange = parts.some((part) => part === '' || part === '.' || part === '..' || part.includes('\0'));
  if (parts[0] !== 'net' || parts.length < 2 || strange)
    throw fail('KERNEL', `find sysctl ${key}`, 'it is not one of a network namespace (net.*)');
  return `/proc/sys/${parts.join('/')}`;
}

function openKey(inside: Inside, key: string, flags: number): number | undefined {
  const path = sysctlFile(key);
  try {
    return inside(() => openSync(path, flags));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw sysctlError(`open sysctl ${key}`, error);
  }
}

function readValue(fd: number): string {
  const length = readSync(fd, scratch, 0, scratch.length, 0);
  return scratch.toString('utf8', 0, length).trim();
}

/** Numbers of a list are separated by tabs when read, by any whitespace when written. */
const words = (value: string): string => value.trim().split(/\s+/).join(' ');

function sysctlError(doing: string, error: unknown): Error {
  if (!(error instanceof Error) || !('syscall' in error)) return error as Error;
  const code = codeOf(error);
  return Object.assign(fail('KERNEL', doing, error.message), { cause: new Fault(code, error.message) });
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : '';
