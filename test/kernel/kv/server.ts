/** A real server of a key-value store, on an address of the loopback that no other has, and what can happen to it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll } from 'vitest';
import type { Certificates } from './certificates.ts';

let drawn = 0;
/** All of 127.0.0.0/8 is the host: each server has an address, and its usual ports. */
export const freeAddress = (): string =>
  `127.${100 + (drawn++ % 100)}.${(process.pid >> 8) & 255}.${process.pid & 255}`;

/** A program below .cache, where set-up unpacks it, or of the machine. */
export function programOf(name: string, cached: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(':');
  const paths = [
    join(import.meta.dirname, '../../../.cache', cached),
    ...folders.map((folder) => join(folder, name)),
  ];
  return paths.find((path) => existsSync(path));
}

/** A store that is not there is skipped by name. */
export const titleOf = (store: string, there: unknown): string =>
  there ? store : `${store}, which is not there (scripts/test-tools.sh)`;

export type Server = {
  readonly address: string;
  readonly folder: string;
  start(): Promise<void>;
  /** By SIGKILL; the data stay. */
  kill(): Promise<void>;
  /** By SIGSTOP: connections stay open, and nobody answers. */
  stop(): Promise<void>;
  resume(): void;
  restart(): Promise<void>;
  /** Killed, without its data when it is started again. */
  wipe(): Promise<void>;
};

export type ServerOptions = {
  readonly tls?: Certificates;
  readonly address?: string;
  /** Path of the network namespace that it runs in. Whether it serves there is for its clients to see. */
  readonly within?: string;
};

export type Program = {
  readonly address: string;
  readonly port: number;
  readonly command: (folder: string) => readonly string[];
  /** Resolves when it serves. */
  readonly ready: () => Promise<boolean>;
  readonly within?: string | undefined;
};

/** On a busy host the threads of a process stop a little later. */
const isStopped = (pid: number): boolean =>
  readdirSync(`/proc/${pid}/task`).every((task) =>
    /^\d+ \(.*\) T /.test(readFileSync(`/proc/${pid}/task/${task}/stat`, 'utf8')),
  );

async function listens(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (good: boolean): void => {
      socket.destroy();
      resolve(good);
    };
    socket.on('connect', () => end(true));
    socket.on('error', () => end(false));
  });
}

/** Not started yet. Gone, with its data, when the tests of the file are over. */
export function createServer({ address, port, command, ready, within }: Program): Server {
  // made when it is started: a test that is skipped leaves nothing
  const folder = `/tmp/seaway-kv-${process.pid}-${address}`;
  let child: ChildProcess | undefined;
  let said = '';

  const start = async (): Promise<void> => {
    mkdirSync(folder, { recursive: true });
    const [program = '', ...args] = [...(within ? ['nsenter', `--net=${within}`] : []), ...command(folder)];
    const started = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], cwd: folder });
    child = started;
    said = '';
    for (const stream of [started.stdout, started.stderr])
      stream.on('data', (data: Buffer) => {
        said = `${said}${data}`.slice(-4000);
      });
    if (within) return;
    for (let turn = 0; turn < 600; turn++) {
      if (started.exitCode !== null) throw new Error(`${program} has ended: ${said}`);
      if ((await listens(address, port)) && (await ready().catch(() => false))) return;
      await sleep(100);
    }
    throw new Error(`${program} does not serve: ${said}`);
  };

  const kill = async (): Promise<void> => {
    const ended = child;
    child = undefined;
    if (ended === undefined || ended.exitCode !== null || ended.signalCode !== null) return;
    const gone = new Promise((resolve) => ended.once('exit', resolve));
    ended.kill('SIGKILL');
    await gone;
  };
  process.once('exit', () => child?.kill('SIGKILL'));
  afterAll(async () => {
    await kill();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    address,
    folder,
    start,
    kill,
    stop: async () => {
      child?.kill('SIGSTOP');
      while (child?.pid !== undefined && !isStopped(child.pid)) await sleep(5);
    },
    resume: () => void child?.kill('SIGCONT'),
    wipe: async () => {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
    restart: async () => {
      await kill();
      await start();
    },
  };
}
