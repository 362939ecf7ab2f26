/** Health checks: the command that the image or the user gave, run in the container again and again. */
import { finished } from 'node:stream/promises';
import { messageOf } from '../../errors.ts';
import type { Container, Health, HealthConfig } from '../../model/container.ts';
import { withState } from '../../model/containers.ts';
import type { Core } from '../core.ts';
import { environmentOf } from './environment.ts';
import { tellContainer } from './tell.ts';

/** Docker's defaults, in milliseconds and counts. */
const defaults = { interval: 30_000, timeout: 30_000, startInterval: 5_000, retries: 3 };
const keptResults = 5;
const keptOutput = 4096;

interface Watch {
  timer: NodeJS.Timeout | undefined;
  ended: boolean;
}

const watches = new WeakMap<Core, Map<string, Watch>>();

function watchesOf(core: Core): Map<string, Watch> {
  const known = watches.get(core) ?? new Map<string, Watch>();
  watches.set(core, known);
  return known;
}

/** The command line of a check, or undefined where there is none (`NONE`, nothing). */
export function checkCommand({ config }: Container): readonly string[] | undefined {
  const [form, ...rest] = config.Healthcheck?.Test ?? [];
  if (form === 'CMD') return rest;
  if (form === 'CMD-SHELL') return [...(config.Shell ?? ['/bin/sh', '-c']), rest[0] ?? ''];
  return undefined;
}

/** Begin to check; a container without a check is left alone. */
export function watchHealth(core: Core, container: Container): void {
  unwatchHealth(core, container.id);
  if (!checkCommand(container)) return;
  const watch: Watch = { timer: undefined, ended: false };
  watchesOf(core).set(container.id, watch);
  void record(core, container.id, { status: 'starting', failingStreak: 0, log: [] });
  plan(core, container.id, watch);
}

export function unwatchHealth(core: Core, id: string): void {
  const watch = watchesOf(core).get(id);
  if (!watch) return;
  watch.ended = true;
  clearTimeout(watch.timer);
  watchesOf(core).delete(id);
}

export function unwatchAll(core: Core): void {
  for (const id of [...watchesOf(core).keys()]) unwatchHealth(core, id);
}

const milliseconds = (nanoseconds: number | undefined, otherwise: number): number =>
  nanoseconds ? nanoseconds / 1e6 : otherwise;

const inStartPeriod = (container: Container, check: HealthConfig): boolean =>
  container.state.health?.status === 'starting' &&
  Date.now() - Date.parse(container.state.startedAt) < milliseconds(check.StartPeriod, 0);

function plan(core: Core, id: string, watch: Watch): void {
  const container = core.model.get('containers', id);
  const check = container?.config.Healthcheck;
  if (!container || !check || watch.ended) return;
  const wait = inStartPeriod(container, check)
    ? milliseconds(check.StartInterval, defaults.startInterval)
    : milliseconds(check.Interval, defaults.interval);
  watch.timer = setTimeout(() => {
    void probe(core, container, check)
      .then((result) => (watch.ended ? undefined : judge(core, id, result)))
      .catch((error) => core.logger.warn('a health check failed to run', { container: id, error }))
      .then(() => plan(core, id, watch));
  }, wait);
}

type Result = Health['log'][number];

/** Run the command once. Exit code -1: it did not end in time, or could not be run. */
async function probe(core: Core, container: Container, check: HealthConfig): Promise<Result> {
  const start = core.dice.now();
  const done = (exitCode: number, output: string): Result => ({
    start,
    end: core.dice.now(),
    exitCode,
    output,
  });
  try {
    const spec = {
      id: core.dice.id(),
      args: checkCommand(container) ?? [],
      env: environmentOf(core.model, container, { env: [], tty: false }),
      cwd: '',
      user: '',
      tty: false,
      stdin: false,
      privileged: false,
    };
    const attach = { stdin: false, stdout: true, stderr: true, detachKeys: new Uint8Array() };
    const { stream, exited, pid } = await core.runtime.exec(container, spec, attach);
    const timeout = milliseconds(check.Timeout, defaults.timeout);
    const output = stream ? collect(stream) : Promise.resolve('');
    const exitCode = await withTimeout(exited, timeout);
    if (exitCode !== undefined) return done(exitCode, await output);
    process.kill(pid, 'SIGKILL');
    stream?.destroy();
    return done(-1, `Health check exceeded timeout (${timeout / 1000}s)`);
  } catch (error) {
    return done(-1, messageOf(error));
  }
}

/** The text of a multiplexed stream (8-byte headers: kind, 0, 0, 0, length), cut off at a limit. */
async function collect(stream: NodeJS.ReadableStream & NodeJS.WritableStream): Promise<string> {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  await finished(stream, { writable: false }).catch(() => {});
  const all = Buffer.concat(chunks);
  let text = '';
  for (let at = 0; at + 8 <= all.length && text.length < keptOutput; ) {
    const length = all.readUInt32BE(at + 4);
    text += all.toString('utf8', at + 8, at + 8 + length);
    at += 8 + length;
  }
  return text.slice(0, keptOutput);
}

async function withTimeout<T>(promise: Promise<T>, timeout: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, timeout, undefined);
  });
  const first = await Promise.race([promise, late]);
  clearTimeout(timer);
  return first;
}

/** Pure: what the results so far make of the container's health. */
export function nextHealth(
  before: Health,
  result: Result,
  rules: { retries: number; lenient: boolean },
): Health {
  const log = [...before.log, result].slice(-keptResults);
  if (result.exitCode === 0) return { status: 'healthy', failingStreak: 0, log };
  if (rules.lenient) return { ...before, log };
  const failingStreak = before.failingStreak + 1;
  const status = failingStreak >= rules.retries ? 'unhealthy' : before.status;
  return { status, failingStreak, log };
}

async function judge(core: Core, id: string, result: Result): Promise<void> {
  const container = core.model.get('containers', id);
  const check = container?.config.Healthcheck;
  if (!container?.state.health || !check || container.state.status !== 'running') return;
  const rules = { retries: check.Retries || defaults.retries, lenient: inStartPeriod(container, check) };
  const now = nextHealth(container.state.health, result, rules);
  await record(core, id, now);
  if (now.status !== container.state.health.status)
    tellContainer(core, `health_status: ${now.status}`, container);
}

async function record(core: Core, id: string, health: Health): Promise<void> {
  const now = core.model.get('containers', id);
  if (now) await core.records.commit([{ table: 'containers', put: withState(now, { health }) }]);
}
