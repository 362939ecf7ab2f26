/** Where the socket of a plugin is, and waiting until it answers there. */
import { type FSWatcher, watch } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { setAlarm } from '../../alarm.ts';
import { fail, messageOf } from '../../errors.ts';
import type { ManagedPlugin } from '../../model/plugin.ts';
import { systemReason } from '../../system-error.ts';

/** Milliseconds until it is tried again: from its creation until it listens, a socket refuses. */
const pause = 20;

/** A part of the id, because the path of a socket is limited (unix(7)). */
export const folderOf = (sockets: string, id: string): string => join(sockets, id.slice(0, 16));

/** Below the folder of all sockets. Throws PLUGIN_START_FAILED for a socket that is not a file's name. */
export function socketOf(sockets: string, { id, config }: ManagedPlugin): string {
  const name = config.Interface.Socket;
  if (name === '' || name.startsWith('.') || /[/\0]/.test(name))
    throw fail('PLUGIN_START_FAILED', `the plugin names no socket: ${JSON.stringify(name)}`);
  return join(folderOf(sockets, id), name);
}

interface Wait {
  /** Milliseconds. */
  readonly limit: number;
  /** Resolves with a reason when nobody will listen any more. */
  readonly ended: Promise<string>;
}

/** Resolves once somebody has accepted a connection. Throws PLUGIN_START_FAILED in Docker's words. */
export async function untilAnswered(path: string, { limit, ended }: Wait): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let reason = 'connect: no such file or directory';
  const give = (why: string): void =>
    reject(fail('PLUGIN_START_FAILED', `dial unix ${path}: ${reason}${why}`));
  let again: NodeJS.Timeout | undefined;
  const attempt = (): void => {
    clearTimeout(again);
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve();
    });
    probe.once('error', (error) => {
      reason = `connect: ${systemReason(error) ?? messageOf(error)}`;
      if (refused(error)) again = setTimeout(attempt, pause);
    });
  };
  const watcher: FSWatcher = watch(dirname(path), attempt).on('error', () => undefined);
  const late = setAlarm(() => give(''), limit);
  void ended.then((why) => give(` (${why})`));
  attempt();
  try {
    await promise;
  } finally {
    watcher.close();
    late.cancel();
    clearTimeout(again);
  }
}

const refused = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED';
