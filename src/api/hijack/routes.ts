/** The table of hijacked routes: attach, and the start of an exec. */
import { LateStream } from '../../engine/containers/late-stream.ts';
import type { Engine } from '../../engine/verbs.ts';
import { fail } from '../../errors.ts';
import { sentenceOf } from '../../system-error.ts';
import { param } from '../route.ts';
import { type ExecStart, execStart } from '../schemas/containers.ts';
import { consoleSize } from '../terminal-size.ts';
import { parseDetachKeys } from './detach-keys.ts';
import { type Hijack, type HijackCall, type HijackRoute, hijackRoute } from './route.ts';
import { spoken } from './spoken.ts';

async function attach(call: HijackCall<unknown>): Promise<Hijack> {
  const { engine, query } = call;
  const detachKeys = parseDetachKeys(query.text('detachKeys'));
  const { container } = engine.containers.get(param(call, 'id'));
  const stdin = query.flag('stdin');
  const stream = await engine.containers.attach(container.id, {
    stdin,
    stdout: query.flag('stdout'),
    stderr: query.flag('stderr'),
    logs: query.flag('logs'),
    stream: query.flag('stream'),
    detachKeys,
  });
  return { stream, tty: container.config.Tty, stdin };
}

/** Milliseconds that an exec has to be seen ending after its output has ended. */
const patience = 2000;

/** An exec is forgotten with its container. */
function runs(engine: Engine, id: string): boolean {
  try {
    return engine.execs.get(id).running;
  } catch {
    return false;
  }
}

/**
 * Clients inspect an exec as soon as its stream ends, for the exit code. It may be known a little later
 * than the end of the output, so the end of the connection waits for it.
 */
function exitKnown({ engine }: HijackCall<unknown>, id: string): Promise<void> {
  return new Promise((resolve) => {
    if (!runs(engine, id)) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      stop();
      resolve();
    };
    const timer = setTimeout(done, patience);
    const stop = engine.events.listen(({ attributes }) => {
      if (attributes.execID === id && !runs(engine, id)) done();
    });
  });
}

/**
 * The client gets its stream before the process is started, so that the first output is not in one piece with the
 * head of the answer, where clients that read the bare socket (docker-py) would miss it. After that a failure can
 * only be reported in the stream and by the exit code (126, 127) of the exec.
 *
 * Whether the stream is raw is said at the start, as in Docker, whatever the exec was created with.
 */
function attachExec(call: HijackCall<ExecStart>, id: string): Hijack {
  const { engine, log } = call;
  const { Tty: tty = false } = call.body;
  const size = sizeAtStart(call);
  engine.execs.refuseStart(id);
  const { request } = engine.execs.get(id);
  const stream = new LateStream();
  const failed = (error: unknown): void => {
    const why = sentenceOf(error);
    log.debug('an exec was not started', { exec: id, why });
    stream.push(spoken(why, { tty }));
    stream.push(null);
  };
  engine.execs.start(id, { detach: false, tty, ...(size && { size }) }).then((running) => {
    if (running) stream.join(running);
    else failed(fail('BUG', 'an attached exec has no stream'));
  }, failed);
  return { stream, tty, stdin: request.stdin, settled: () => exitKnown(call, id) };
}

/** Docker heeds the size only where the start asks for a terminal. */
const sizeAtStart = ({ body, version }: HijackCall<ExecStart>) =>
  body.Tty ? consoleSize(body.ConsoleSize, version) : undefined;

async function startExec(call: HijackCall<ExecStart>): Promise<Hijack | undefined> {
  const { Detach: detach = false } = call.body;
  const { id } = call.engine.execs.get(param(call, 'id'));
  if (!detach) return attachExec(call, id);
  const size = sizeAtStart(call);
  await call.engine.execs.start(id, { detach, tty: false, ...(size && { size }) });
  return undefined;
}

export const hijackRoutes: readonly HijackRoute[] = [
  hijackRoute('/containers/:id/attach', undefined, attach),
  hijackRoute('/exec/:id/start', execStart, startExec),
];
