import type { Client } from '#client/client.ts';
import { EngineError } from '#client/errors.ts';
import { Demultiplexer, type StreamId } from '#client/frames.ts';
import { defineCommand } from '../../command.ts';
import { write } from '../../connect.ts';
import type { Context } from '../../context.ts';
import { CliError } from '../../failure.ts';
import { switchFlag, textFlag } from '../../flags/flag.ts';
import { LogLines } from '../../swarm/log-lines.ts';
import type { Task } from '../../swarm/types.ts';
import { inspectService } from '../../swarm/updating.ts';
import { momentOf } from '../../words/time.ts';

interface Target {
  readonly path: string;
  readonly tty: boolean;
  /** Digits of the greatest slot, to which names are padded. */
  readonly width: number;
}

const digits = (count: number): number => String(count).length;

/** A service, or a task. Throws `CliError`, `EngineError`. */
async function targetOf(engine: Client, name: string): Promise<Target> {
  const isMissing = (thrown: unknown): boolean => thrown instanceof EngineError && thrown.httpStatus === 404;
  const encoded = encodeURIComponent(name);
  try {
    const { Spec } = await inspectService(engine, name);
    const replicas = Spec.Mode?.Replicated?.Replicas;
    return {
      path: `/services/${encoded}/logs`,
      tty: Spec.TaskTemplate.ContainerSpec?.TTY ?? false,
      width: replicas === undefined ? 1 : digits(replicas),
    };
  } catch (thrown) {
    if (!isMissing(thrown)) throw thrown;
  }
  try {
    const { Spec, Slot = 0 } = await engine.get<Task>(`/tasks/${encoded}`);
    const tty = Spec.ContainerSpec?.TTY ?? false;
    return { path: `/tasks/${encoded}/logs`, tty, width: digits(Slot) };
  } catch (thrown) {
    if (isMissing(thrown)) throw new CliError(`no such task or service: ${name}`);
    throw thrown;
  }
}

interface Output {
  readonly lines: LogLines | undefined;
  readonly tty: boolean;
}

async function copy(context: Context, body: AsyncIterable<unknown>, { lines, tty }: Output): Promise<void> {
  const streamOf = (stream: StreamId) => (stream === 1 ? context.stdout : context.stderr);
  let pending: [StreamId, Buffer][] = [];
  const frames = new Demultiplexer((stream, payload) => pending.push([stream, payload]));
  for await (const chunk of body) {
    if (tty) pending.push([1, chunk as Buffer]);
    else frames.push(chunk as Buffer);
    const writing = pending;
    pending = [];
    for (const [stream, bytes] of writing) {
      const text = lines === undefined ? bytes : await lines.push(stream, bytes);
      if (text.length > 0) await write(streamOf(stream), text);
    }
  }
}

export const command = defineCommand({
  takes: 'SERVICE|TASK',
  count: [1, 1],
  flags: {
    details: switchFlag('details', 'Show extra details provided to logs'),
    follow: switchFlag('follow', 'Follow log output', { short: 'f' }),
    noResolve: switchFlag('no-resolve', 'Do not map IDs to Names in output'),
    noTaskIds: switchFlag('no-task-ids', 'Do not include task IDs in output'),
    noTrunc: switchFlag('no-trunc', 'Do not truncate output'),
    raw: switchFlag('raw', 'Do not neatly format logs'),
    since: textFlag(
      'since',
      'Show logs since timestamp (e.g. "2013-01-02T13:23:37Z") or relative (e.g. "42m" for 42 minutes)',
    ),
    tail: textFlag('tail', 'Number of lines to show from the end of the logs (default "all")', {
      short: 'n',
      initial: 'all',
    }),
    timestamps: switchFlag('timestamps', 'Show timestamps', { short: 't' }),
  },
  async run({ flags, operands, context }) {
    const engine = await context.engine();
    const { path, tty, width } = await targetOf(engine, operands[0] ?? '');
    if (tty && !flags.raw) throw new CliError('tty service logs only supported with --raw');
    const query = {
      stdout: true,
      stderr: true,
      follow: flags.follow,
      timestamps: flags.timestamps,
      // The details name the task of each line.
      details: flags.details || !flags.raw,
      tail: flags.tail,
      since: momentOf('since', flags.since),
    };
    const lines = flags.raw ? undefined : new LogLines(engine, { ...flags, width });
    await copy(context, await engine.open('GET', path, { query }), { lines, tty });
  },
});
