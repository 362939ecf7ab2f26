/** One health check: runs the command in the container; its exit code and the start of its output. */
import { finished } from 'node:stream/promises';
import { setAlarm } from '../../alarm.ts';
import { messageOf } from '../../errors.ts';
import { formatDuration } from '../../go/duration.ts';
import type { Container, HealthConfig } from '../../model/container.ts';
import type { Generators } from '../../model/generators.ts';
import { checkCommand, checkTimeout, type HealthResult } from '../../model/health.ts';
import type { View } from '../../model/tables.ts';
import type { Events } from '../../observe/events.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { hasErrno } from '../../system-error.ts';
import type { Instruments } from '../instruments.ts';
import { emitExec } from './container-events.ts';
import { environmentOf } from './environment.ts';

/** Characters of output that are kept. */
const keptOutput = 4096;

/** Milliseconds until the output ends after the command was killed; a child may hold it open. */
const patience = 500;

interface Needs {
  readonly model: View;
  readonly generate: Pick<Generators, 'id' | 'now'>;
  readonly runtime: Pick<Runtime, 'exec'>;
  readonly events: Pick<Events, 'emit'>;
  readonly instruments: Pick<Instruments, 'checked'>;
}

/** Exit code -1 if it did not end in time or could not be run. */
export async function probe(needs: Needs, container: Container, check: HealthConfig): Promise<HealthResult> {
  const start = needs.generate.now();
  const { exitCode, output } = await run(needs, container, checkTimeout(check)).catch((error) => ({
    exitCode: -1,
    output: messageOf(error),
  }));
  needs.instruments.checked(exitCode === 0);
  return { start, end: needs.generate.now(), exitCode, output };
}

async function run(
  needs: Needs,
  container: Container,
  timeout: number,
): Promise<Pick<HealthResult, 'exitCode' | 'output'>> {
  const id = needs.generate.id();
  const args = checkCommand(container) ?? [];
  const env = environmentOf(needs.model, container, { env: [], tty: false });
  const spec = { id, args, env, cwd: '', user: '', tty: false, stdin: false, privileged: false };
  const attach = { stdin: false, stdout: true, stderr: true, detachKeys: new Uint8Array() };
  emitExec(needs, 'exec_create', container, { id, args });
  emitExec(needs, 'exec_start', container, { id, args });
  const { stream, exited, pid } = await needs.runtime.exec(container, spec, attach);
  const output = collect(stream);
  const exitCode = await withTimeout(exited, timeout);
  if (exitCode !== undefined) {
    emitExec(needs, 'exec_die', container, { id, exitCode });
    await output.ended;
    return { exitCode, output: output.text() };
  }
  killUnlessGone(pid);
  await withTimeout(output.ended, patience);
  stream?.destroy();
  const late = `Health check exceeded timeout (${formatDuration(timeout)})`;
  const said = output.text();
  return { exitCode: -1, output: said === '' ? late : `${late}: ${said}` };
}

function killUnlessGone(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!hasErrno(error, 'ESRCH')) throw error;
  }
}

interface Output {
  readonly ended: Promise<void>;
  /** The output so far, cut at a limit. */
  text(): string;
}

/** Reads a multiplexed stream (8-byte headers: kind, 0, 0, 0, length). */
function collect(stream: (NodeJS.ReadableStream & NodeJS.WritableStream) | undefined): Output {
  if (!stream) return { ended: Promise.resolve(), text: () => '' };
  const chunks: Buffer[] = [];
  let kept = 0;
  stream.on('data', (chunk: Buffer) => {
    // more than the limit is read, so that the command can continue, and dropped
    if (kept < 4 * keptOutput) chunks.push(chunk);
    kept += chunk.length;
  });
  const ended = finished(stream, { writable: false }).catch(() => {});
  return { ended, text: () => textOf(Buffer.concat(chunks)) };
}

function textOf(framed: Buffer): string {
  let text = '';
  for (let at = 0; at + 8 <= framed.length && text.length < keptOutput; ) {
    const length = framed.readUInt32BE(at + 4);
    text += framed.toString('utf8', at + 8, at + 8 + length);
    at += 8 + length;
  }
  return text.slice(0, keptOutput);
}

async function withTimeout<T>(promise: Promise<T>, timeout: number): Promise<T | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const alarm = setAlarm(() => resolve(undefined), timeout);
  const first = await Promise.race([promise, late]);
  alarm.cancel();
  return first;
}
