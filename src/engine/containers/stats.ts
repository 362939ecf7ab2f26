/** `docker stats` and `docker top`. */

import { existsSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fail, hasCode } from '../../errors.ts';
import type { Container } from '../../model/container.ts';
import { isAlive } from '../../model/container-state.ts';
import { findContainer } from '../../model/references.ts';
import { runProgram } from '../../programs/run.ts';
import type { StatsSample } from '../container-verbs.ts';
import type { Core } from '../core.ts';
import { parseCounters } from '../interface-counters.ts';
import { emitContainer } from './container-events.ts';

/** One sample; undefined for a container that does not run or is just ending. */
export async function stats(
  core: Pick<Core, 'generate' | 'model' | 'runtime'>,
  ref: string,
): Promise<StatsSample | undefined> {
  const container = findContainer(core.model, ref);
  if (!isAlive(container)) return undefined;
  try {
    return await sample(core, container);
  } catch (error) {
    if (hasCode(error, 'CONTAINER_NOT_RUNNING')) return undefined;
    if (existsSync(`/proc/${container.state.pid}/net/dev`)) throw error;
    return undefined;
  }
}

async function sample(core: Pick<Core, 'generate' | 'runtime'>, container: Container): Promise<StatsSample> {
  return {
    container,
    read: core.generate.now(),
    process: await core.runtime.stats(container.id),
    systemCpuNanoseconds: systemCpu(),
    onlineCpus: cpus().length,
    networks: Object.fromEntries(parseCounters(readFileSync(`/proc/${container.state.pid}/net/dev`, 'utf8'))),
  };
}

/** Time of all processors since boot: the first line of /proc/stat, in ticks of 10 ms (proc(5)). */
function systemCpu(): bigint {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
  // user nice system idle iowait irq softirq, as dockerd sums them
  const ticks = line.split(/\s+/).slice(1, 8).map(BigInt);
  return ticks.reduce((sum, value) => sum + value, 0n) * 10_000_000n;
}

/** Output of the host's `ps`, filtered by the container's pids. */
export async function top(
  core: Pick<Core, 'events' | 'model' | 'runtime'>,
  ref: string,
  psArgs: string,
): Promise<{ readonly titles: readonly string[]; readonly processes: readonly (readonly string[])[] }> {
  const container = findContainer(core.model, ref);
  if (!isAlive(container)) throw fail('CONTAINER_NOT_RUNNING', container.id);
  const wanted = new Set((await core.runtime.pids(container.id)).map(String));
  emitContainer(core, 'top', container);
  const output = await runPs((psArgs || '-ef').split(/\s+/).filter(Boolean));
  const [header = '', ...lines] = output.trimEnd().split('\n');
  const titles = header.trim().split(/\s+/);
  const pidColumn = titles.indexOf('PID');
  if (pidColumn < 0) throw fail('BAD_REQUEST', "Couldn't find PID field in ps output");
  const processes = lines
    .map((line) => columns(line, titles.length))
    .filter((fields) => wanted.has(fields[pidColumn] ?? ''));
  return { titles, processes };
}

/** As many fields as titles; the last is the rest of the line. */
function columns(line: string, count: number): string[] {
  const fields = line.trim().split(/\s+/);
  return [...fields.slice(0, count - 1), fields.slice(count - 1).join(' ')];
}

async function runPs(args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runProgram('ps', args);
  if (code === 0) return stdout;
  // the first line is the error, the others are the usage
  const [first = ''] = stderr.split('\n').filter((line) => line !== '');
  if (first === '') throw fail('RUNTIME_FAILED', 'error running ps', `exit status ${code}`);
  throw fail('BAD_REQUEST', `ps: ${first}`);
}
