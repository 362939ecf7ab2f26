/** Starting and ending the resolver's process. */
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fail, messageOf } from '../errors.ts';
import { type Started, startProgram } from '../programs/start.ts';
import { type Connection, connect } from './connection.ts';
import { socketName } from './protocol.ts';

export interface Launch {
  readonly run: string;
  readonly state: string;
  readonly launcher: readonly string[];
}

/** Milliseconds that a resolver may take to listen, or to end when it is asked to. */
const patience = 10_000;
const step = 10;

const socketPath = (run: string): string => join(run, socketName);

/** A connection to the resolver that listens in the run folder, or undefined if none does. */
export async function findResolver(run: string): Promise<Connection | undefined> {
  try {
    return await connect(socketPath(run));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'ENOENT' || code === 'ECONNREFUSED') return undefined;
    throw error;
  }
}

/**
 * Start a resolver, in a session of its own so that it outlives the engine, and connect to it. Errors:
 * RUNTIME_FAILED with the end of its log if it ends at once.
 */
export async function startResolver(launch: Launch): Promise<Connection> {
  const { run, state, launcher } = launch;
  const [program = '', ...args] = launcher;
  mkdirSync(run, { recursive: true });
  const logFile = join(run, 'resolver.log');
  const log = openSync(logFile, 'a', 0o600);
  const flags = ['--state', state, '--run', run, '--pidfile', join(run, 'resolver.pid')];
  let started: Started;
  try {
    started = startProgram(program, [...args, ...flags], {
      detached: true,
      stdio: ['ignore', log, log],
      cwd: '/',
    });
  } finally {
    closeSync(log);
  }
  let ended = '';
  started.ended.then(
    ({ code, signal }) => {
      ended = `it ended with ${signal ?? code}: ${lastLine(logFile)}`;
    },
    (thrown: unknown) => {
      ended = messageOf(thrown);
    },
  );
  started.child.unref();
  for (let waited = 0; waited < patience && ended === ''; waited += step) {
    const found = await findResolver(run);
    if (found) return found;
    await sleep(step);
  }
  throw fail('RUNTIME_FAILED', 'starting the resolver', ended || `it does not listen in ${run}`);
}

/** Ask a resolver to end and wait until its socket is gone. */
export async function endResolver(run: string, connection: Connection): Promise<void> {
  // It may end before its answer is through.
  await connection.call({ op: 'stop' }).catch(() => {});
  connection.close();
  for (let waited = 0; waited < patience; waited += step) {
    const again = await findResolver(run);
    if (!again) return;
    again.close();
    await sleep(step);
  }
  throw fail('RUNTIME_FAILED', 'ending the resolver', `it still listens in ${run}`);
}

function lastLine(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim().split('\n').at(-1) ?? '';
  } catch (error) {
    return messageOf(error);
  }
}
