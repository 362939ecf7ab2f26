/** A manager's member of etcd: a process of its own that outlives the engine, and is found again by the next one. */
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fail, hasCode, messageOf } from '../errors.ts';
import { writeWholeSync } from '../files/write-whole.ts';
import { type EtcdAdmin, openAdmin } from '../kv/etcd/admin.ts';
import type { Logger } from '../observe/logger.ts';
import { identify, isAlive, type ProcessIdentity } from '../programs/identity.ts';
import { runProgram } from '../programs/run.ts';
import { type Started, startProgram } from '../programs/start.ts';
import { endProcess, etcdIn, pidFileOf } from './end-etcd.ts';
import { etcdEnvironment } from './etcd-flags.ts';

export interface EtcdOptions {
  /** Its data; below the data root. */
  readonly data: string;
  /** Its socket, log and keys; below the exec root, open to root alone. */
  readonly run: string;
  /** Folders of cgroups that it is moved to, so that the engine's service can end without it. */
  readonly cgroups: readonly string[];
  readonly logger: Logger;
  /** Flags of its next start. */
  readonly flags: () => readonly string[];
}

/** No path may be in the URL, so the socket is in the working folder. */
const [socketName, clientUrl] = ['etcd.sock:0', 'unix://etcd.sock:0'];

export const socketOf = (run: string): string => join(run, socketName);

/** Milliseconds for it to serve, and between looks. */
const [starting, step] = [20_000, 10];
/** Milliseconds before it is started again, doubled each time it ends soon after. */
const [firstPause, longestPause, soon] = [100, 10_000, 30_000];

/** Throws SWARM_STORE where there is none. */
export async function etcdHelp(): Promise<string> {
  try {
    const { stdout, stderr } = await runProgram('etcd', ['--help'], { limit: starting });
    return stdout + stderr;
  } catch (thrown) {
    if (hasCode(thrown, 'PROGRAM_MISSING'))
      throw fail(
        'SWARM_STORE',
        'etcd is not installed, and managers of a swarm need it (Debian: etcd-server)',
      );
    throw thrown;
  }
}

export class EtcdProcess {
  readonly #options: EtcdOptions;
  #identity: ProcessIdentity | undefined;
  #stopped = true;
  #pause = firstPause;
  #restarting: Promise<void> | undefined;

  constructor(options: EtcdOptions) {
    this.#options = options;
  }

  get socket(): string {
    return socketOf(this.#options.run);
  }

  /** Finds the one that runs, or starts it, and resolves when it serves. Throws SWARM_STORE. */
  async begin(): Promise<void> {
    const { data, run } = this.#options;
    mkdirSync(run, { recursive: true, mode: 0o700 });
    mkdirSync(data, { recursive: true, mode: 0o700 });
    this.#stopped = false;
    this.#identity = etcdIn(this.#options.run);
    if (this.#identity) await this.#serves(() => (isAlive(this.#identity) ? '' : 'it has ended'));
    else await this.#start();
  }

  /** Starts it again where it has ended. Called when it does not answer. */
  check(): void {
    if (this.#stopped || isAlive(this.#identity)) return;
    this.#restarting ??= this.#startAgain().finally(() => {
      this.#restarting = undefined;
    });
  }

  /** With the flags of now. */
  async restart(): Promise<void> {
    await this.stop();
    this.#stopped = false;
    await this.#start();
  }

  /** Ends it, and what has not answered by then is killed. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#restarting;
    const identity = this.#identity ?? etcdIn(this.#options.run);
    this.#identity = undefined;
    if (identity) await endProcess(identity);
    rmSync(pidFileOf(this.#options.run), { force: true });
    rmSync(this.socket, { force: true });
  }

  /** The engine ends; the process goes on. */
  release(): void {
    this.#stopped = true;
  }

  async #start(): Promise<void> {
    const { run, data, flags } = this.#options;
    rmSync(this.socket, { force: true });
    // of its last start: the folder is in memory
    const log = openSync(join(run, 'etcd.log'), 'w', 0o600);
    const client = ['--listen-client-urls', clientUrl, '--advertise-client-urls', clientUrl];
    let started: Started;
    try {
      started = startProgram('etcd', ['--data-dir', data, ...client, ...flags()], {
        ...{ detached: true, stdio: ['ignore', log, log], cwd: run },
        env: { ...etcdEnvironment, ...process.env },
      });
    } finally {
      closeSync(log);
    }
    let ended = '';
    const over = (why: string): void => {
      ended = why;
      this.check();
    };
    started.ended.then(
      ({ code, signal }) => over(`it ended with ${signal ?? code}: ${lastLine(join(run, 'etcd.log'))}`),
      (thrown: unknown) => over(messageOf(thrown)),
    );
    started.child.unref();
    this.#identity = started.child.pid === undefined ? undefined : identify(started.child.pid);
    if (this.#identity) this.#settle(this.#identity);
    await this.#serves(() => ended);
  }

  /** It goes to its cgroup, is on record, and is not the first to go where memory runs out. */
  #settle(identity: ProcessIdentity): void {
    writeWholeSync(pidFileOf(this.#options.run), `${JSON.stringify(identity)}\n`, { flush: false });
    for (const folder of this.#options.cgroups) {
      try {
        mkdirSync(folder, { recursive: true });
        writeFileSync(join(folder, 'cgroup.procs'), `${identity.pid}`);
      } catch (error) {
        this.#options.logger.warn('etcd stays in the cgroup of the engine', { error });
      }
    }
  }

  async #startAgain(): Promise<void> {
    const begun = performance.now();
    while (!this.#stopped && !isAlive(this.#identity)) {
      this.#options.logger.warn('etcd has ended, and is started again', { after: this.#pause });
      await sleep(this.#pause, undefined, { ref: false });
      this.#pause = Math.min(longestPause, this.#pause * 2);
      if (this.#stopped) return;
      await this.#start().catch((error) => this.#options.logger.error('starting etcd', { error }));
    }
    if (performance.now() - begun > soon) this.#pause = firstPause;
  }

  async #serves(ended: () => string): Promise<void> {
    const end = performance.now() + starting;
    let admin: EtcdAdmin | undefined;
    try {
      while (performance.now() < end) {
        const why = ended();
        if (why) throw fail('SWARM_STORE', why);
        admin ??= openAdmin({ host: 'localhost', port: 0, socket: this.socket });
        const status = await admin.status().catch(() => undefined);
        if (status && (status.leader !== '' || status.isLearner)) return;
        if (!status) {
          admin.close();
          admin = undefined;
        }
        await sleep(step);
      }
    } finally {
      admin?.close();
    }
    if (!isAlive(this.#identity)) throw fail('SWARM_STORE', `it does not serve within ${starting / 1000} s`);
    this.#options.logger.warn('etcd has no leader yet');
  }
}

/** Of a panic its reason: what follows are the stacks. */
function lastLine(path: string): string {
  try {
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    return (lines.findLast((line) => line.startsWith('panic:')) ?? lines.at(-1) ?? '').slice(0, 500);
  } catch {
    return '';
  }
}
