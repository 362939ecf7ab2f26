/** Rebuilds the record of a running container, whose `state.json` is damaged or missing, from its processes. */
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Container } from '../model/container.ts';
import { identify, isAlive, type ProcessIdentity } from '../programs/identity.ts';
import type { ContainerRecord, Context } from './context.ts';
import { type LogConfig, logConfigOf } from './logs/config.ts';
import { cgroupOf } from './prepare.ts';
import { cgroupOfBundle, identifyByFile, readable, writeRecord } from './record.ts';

export interface Traces {
  readonly id: string;
  /** Pid of its conmon, found by command line; undefined if there is none. */
  readonly monitorPid: number | undefined;
  /** The engine's record; undefined if it has none. */
  readonly container: Container | undefined;
}

/** Undefined if nothing of it runs. The rebuilt record is written for later engines. */
export async function rebuildRecord(context: Context, traces: Traces): Promise<ContainerRecord | undefined> {
  const { id, container } = traces;
  const monitor = traces.monitorPid === undefined ? undefined : identify(traces.monitorPid);
  const process = await findProcess(context, { id, monitor });
  if (!process) return undefined;
  const bundle = context.layout.bundle(id);
  const named = await cgroupOfBundle(context, bundle);
  const cgroup = named || (container ? cgroupOf(context, container) : '');
  const record = { id, process, ...(monitor && { monitor }), cgroup, log: logOf(container) };
  await mkdir(bundle, { recursive: true, mode: 0o700 });
  await writeRecord(context, record);
  context.logger.warn('the record of a running container was damaged: rebuilt from its processes', {
    container: id,
    pid: process.pid,
  });
  return record;
}

/** The log of an unknown container is not rotated. */
const logOf = (container: Container | undefined): LogConfig =>
  container ? logConfigOf(container) : { kept: false, maxSize: 0, maxFile: 1 };

interface Search {
  readonly id: string;
  readonly monitor: ProcessIdentity | undefined;
}

/** The process in runc's state; else the monitor's child that its pid file names, or its oldest child. */
async function findProcess(context: Context, { id, monitor }: Search): Promise<ProcessIdentity | undefined> {
  const noted = await notedByRunc(context, id);
  if (isAlive(noted)) return noted;
  const children = monitor ? childrenOf(monitor.pid) : [];
  const filed = await identifyByFile(join(context.layout.bundle(id), 'pidfile'));
  return children.find(({ pid }) => pid === filed?.pid) ?? children[0];
}

interface RuncState {
  readonly init_process_pid: number;
  readonly init_process_start: number;
}

const isRuncState = (value: unknown): value is RuncState =>
  typeof value === 'object' &&
  value !== null &&
  'init_process_pid' in value &&
  typeof value.init_process_pid === 'number' &&
  'init_process_start' in value &&
  typeof value.init_process_start === 'number';

async function notedByRunc(context: Context, id: string): Promise<ProcessIdentity | undefined> {
  const path = join(context.layout.runc, id, 'state.json');
  const state = await readable(context, { path, isForm: isRuncState });
  return state && { pid: state.init_process_pid, startTime: String(state.init_process_start) };
}

/** Oldest first. */
function childrenOf(pid: number): readonly ProcessIdentity[] {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  } catch {
    return [];
  }
  return text
    .split(' ')
    .flatMap((word) => identify(Number(word)) ?? [])
    .toSorted((a, b) => Number(a.startTime) - Number(b.startTime));
}
