/** The etcd that runs for a data root: found by its pid file, and ended. */
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, type ProcessIdentity, sendSignal } from '../programs/identity.ts';

/** Milliseconds for each signal, and between looks. */
const [ending, step] = [10_000, 10];

export const pidFileOf = (run: string): string => join(run, 'etcd.pid');

/** undefined: none runs. */
export function etcdIn(run: string): ProcessIdentity | undefined {
  try {
    const { pid, startTime } = JSON.parse(readFileSync(pidFileOf(run), 'utf8')) as ProcessIdentity;
    return isAlive({ pid, startTime }) ? { pid, startTime } : undefined;
  } catch {
    return undefined;
  }
}

/** What has not ended by then is killed. */
export async function endProcess(identity: ProcessIdentity): Promise<void> {
  for (const signal of [constants.signals.SIGTERM, constants.signals.SIGKILL]) {
    sendSignal(identity, signal);
    const end = performance.now() + ending;
    while (isAlive(identity) && performance.now() < end) await sleep(step);
  }
}

export async function endEtcd(run: string): Promise<void> {
  const identity = etcdIn(run);
  if (identity) await endProcess(identity);
}
