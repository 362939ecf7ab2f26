/** The table of hijacked routes: attach, and the start of an exec. */
import { fail } from '../../errors.ts';
import { param } from '../route.ts';
import { type ExecStart, execStart } from '../schemas/containers.ts';
import { parseDetachKeys } from './detach-keys.ts';
import { type Hijack, type HijackCall, type HijackRoute, hijackRoute } from './route.ts';
import { isStartFailure, spoken } from './spoken.ts';

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

/** Rows and columns, as the API's `ConsoleSize` has them. */
function sizeOf(console: readonly number[] | undefined): { rows: number; columns: number } | undefined {
  const [rows, columns] = console ?? [];
  if (rows === undefined || columns === undefined || rows === 0 || columns === 0) return undefined;
  return { rows, columns };
}

/** Milliseconds that an exec has to be seen ending after its output has ended. */
const patience = 2000;

/**
 * Clients inspect an exec as soon as its stream ends, for the exit code. It may be known a little later
 * than the end of the output, so the end of the connection waits for it.
 */
function exitKnown({ engine }: HijackCall<unknown>, id: string): Promise<void> {
  return new Promise((resolve) => {
    if (!engine.execs.get(id).running) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      stop();
      resolve();
    };
    const timer = setTimeout(done, patience);
    const stop = engine.events.listen(({ attributes }) => {
      if (attributes.execID === id && !engine.execs.get(id).running) done();
    });
  });
}

async function startExec(call: HijackCall<ExecStart>): Promise<Hijack | undefined> {
  const { Detach: detach = false, ConsoleSize: console } = call.body;
  const { id, draft } = call.engine.execs.get(param(call, 'id'));
  const size = sizeOf(console);
  try {
    const stream = await call.engine.execs.start(id, { detach, ...(size && { size }) });
    if (detach) return undefined;
    if (!stream) throw fail('BUG', 'an attached exec has no stream');
    return { stream, tty: draft.tty, stdin: draft.stdin, settled: () => exitKnown(call, id) };
  } catch (error) {
    if (detach || !isStartFailure(error)) throw error;
    return { stream: spoken(error.message, draft), tty: draft.tty, stdin: false };
  }
}

export const hijackRoutes: readonly HijackRoute[] = [
  hijackRoute('/containers/:id/attach', undefined, attach),
  hijackRoute('/exec/:id/start', execStart, startExec),
];
