/** Starts and ends the resolver's process. */
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fail, messageOf } from '../errors.ts';
import { type Started, startProgram } from '../programs/start.ts';
import { type Connection, ConnectionLost, connect } from './connection.ts';
import { inboxName } from './inbox.ts';
import { socketName } from './protocol.ts';

export interface Launch {
  readonly run: string;
  readonly state: string;
  readonly launcher: readonly string[];
  /** Milliseconds for it to listen, after which it is killed. */
  readonly patience?: number;
}

/** Milliseconds for a resolver to listen, on a host that starts much else, and to end. */
const patience = { start: 30_000, end: 10_000 };
const step = 10;

/** File name in the run folder. */
const pidName = 'resolver.pid';
/** comm of the process (at most 15 bytes). */
export const processName = 'seaway-resolver';

const socketPath = (run: string): string => join(run, socketName);

/**
 * A connection to the resolver in the run folder; undefined if none listens. Throws ConnectionLost (`late`) for one
 * that accepts no connections.
 */
export async function findResolver(run: string): Promise<Connection | undefined> {
  try {
    return await connect(socketPath(run));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    // ECONNRESET: it ended between accepting and answering
    if (code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ECONNRESET') return undefined;
    // its queue of connections is full
    if (code === 'EAGAIN') throw new ConnectionLost('late');
    throw error;
  }
}

/**
 * Starts a resolver in its own session, so that it outlives the engine, and connects to it. Throws RUNTIME_FAILED,
 * with the last line of its log if it ends at once. One that does not listen in time is killed.
 */
export async function startResolver(launch: Launch): Promise<Connection> {
  const { run, state, launcher } = launch;
  const [program = '', ...args] = launcher;
  mkdirSync(run, { recursive: true });
  const logFile = join(run, 'resolver.log');
  const log = openSync(logFile, 'a', 0o600);
  const flags = ['--state', state, '--run', run, '--pidfile', join(run, pidName)];
  let started: Started;
  try {
    started = startProgram(program, [...args, ...flags], {
      detached: true,
      stdio: ['ignore', log, log],
      cwd: '/',
      // io_uring would bypass the filter of system calls
      env: { ...process.env, UV_USE_IO_URING: '0' },
    });
  } finally {
    closeSync(log);
  }
  started.child.unref();
  try {
    return await untilItListens(launch, started, logFile);
  } catch (error) {
    // nothing would end it after the engine; this does nothing if it has ended
    started.child.kill('SIGKILL');
    throw error;
  }
}

async function untilItListens(launch: Launch, started: Started, logFile: string): Promise<Connection> {
  const { run, patience: limit = patience.start } = launch;
  let ended = '';
  started.ended.then(
    ({ code, signal }) => {
      ended = `it ended with ${signal ?? code}: ${lastLine(logFile)}`;
    },
    (thrown: unknown) => {
      ended = messageOf(thrown);
    },
  );
  for (let waited = 0; waited < limit && ended === ''; waited += step) {
    const found = await findResolver(run);
    if (found) return found;
    await sleep(step);
  }
  throw fail('RUNTIME_FAILED', 'starting the resolver', ended || `it does not listen in ${run}`);
}

/** Asks a resolver to end, kills one that does not answer, and waits until it no longer listens. */
export async function endResolver(run: string, connection: Connection): Promise<void> {
  // it may end before its answer arrives
  await connection.call({ op: 'stop' }).catch((error: unknown) => {
    if (isLate(error)) killResolver(run);
  });
  connection.close();
  for (let waited = 0; waited < patience.end; waited += step) {
    if (!(await listens(run))) return removeFiles(run);
    await sleep(step);
  }
  throw fail('RUNTIME_FAILED', 'ending the resolver', `it still listens in ${run}`);
}

/** Ends the resolver in the run folder, if there is one. */
export async function endRunning(run: string): Promise<void> {
  const running = await findResolver(run).catch((error: unknown) => {
    if (isLate(error) && killResolver(run)) return undefined;
    throw error;
  });
  if (running) await endResolver(run, running);
}

const isLate = (error: unknown): boolean => error instanceof ConnectionLost && error.why === 'late';

async function listens(run: string): Promise<boolean> {
  try {
    const found = await findResolver(run);
    found?.close();
    return found !== undefined;
  } catch (error) {
    if (isLate(error)) return true;
    throw error;
  }
}

/** Removes its files; the resolver itself has no access to the folder. */
function removeFiles(run: string): void {
  for (const name of [socketName, inboxName, pidName]) rmSync(join(run, name), { force: true });
}

/** Kills one that does not answer. False where its process is unknown. */
export function killResolver(run: string): boolean {
  try {
    const pid = Number(readFileSync(join(run, pidName), 'utf8'));
    if (!(pid > 1) || readFileSync(`/proc/${pid}/comm`, 'utf8').trim() !== processName) return false;
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}

function lastLine(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim().split('\n').at(-1) ?? '';
  } catch (error) {
    return messageOf(error);
  }
}
