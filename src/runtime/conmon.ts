/**
 * Starts conmon (2.0.30 and later), one per container and per exec. It forks; the child has its own session,
 * outlives the engine and reaps the container's process.
 *
 * It reports by two pipes, named by environment variables. `_OCI_SYNCPIPE`: a line of JSON,
 * `data` the process's pid, or -1 and a `message`; for an exec a second line with its exit code.
 * `_OCI_ATTACHPIPE`: a line when the attach socket is there (exec only). It reads a byte from
 * `_OCI_STARTPIPE` before it does anything, and for an attached exec another one before it starts.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Duplex, Readable } from 'node:stream';
import { hasStarted, type Started, startProgram } from '../programs/start.ts';

export interface ConmonPrograms {
  readonly conmon: string;
  readonly runc: string;
  /** `runc --root`. */
  readonly runcRoot: string;
  /** Where conmon puts the terminal's socket while it starts; a short path. */
  readonly temporary: string;
  /** Cgroup folders to move conmon to (`monitorFolders`). */
  readonly monitorFolders: readonly string[];
}

export interface ConmonLaunch {
  /** Container. */
  readonly id: string;
  /** Folder for config.json (or the exec's), sockets, FIFOs and pid files. */
  readonly bundle: string;
  readonly exitDir: string;
  readonly terminal: boolean;
  readonly stdin: boolean;
  readonly leaveStdinOpen: boolean;
  /** Log file, or '' for none. */
  readonly log: string;
  /** Bytes after which conmon truncates the log; 0 for never. */
  readonly logLimit: number;
  /** `process.json` of an exec. */
  readonly execSpec?: string;
  readonly execAttach?: boolean;
}

export interface SyncMessage {
  readonly data: number;
  readonly message?: string;
}

export interface Conmon {
  /** Next message of the sync pipe; undefined if conmon ended without one. */
  next(): Promise<SyncMessage | undefined>;
  /** Resolves when the attach socket exists. */
  readonly attachable: Promise<void>;
  /** Lets an attached exec start. */
  begin(): void;
  /** conmon's standard error before it went to the background. */
  complaint(): string;
  /** conmon's first process has ended: its pid file is written. */
  readonly detached: Promise<void>;
  /** Closes the engine's descriptors. */
  release(): void;
  /** `release` after a failure; also kills conmon unless it has gone to the background. */
  abandon(): void;
}

function argumentsOf(programs: ConmonPrograms, launch: ConmonLaunch): readonly string[] {
  const flag = (wanted: boolean | undefined, name: string): string[] => (wanted ? [name] : []);
  return [
    ...['--api-version', '1', '--cid', launch.id, '--cuuid', launch.id, '--name', launch.id],
    ...['--runtime', programs.runc, '--runtime-arg', '--root', '--runtime-arg', programs.runcRoot],
    ...['--bundle', launch.bundle, '--exit-dir', launch.exitDir],
    ...['--container-pidfile', join(launch.bundle, 'pidfile')],
    ...['--conmon-pidfile', join(launch.bundle, 'conmon.pid')],
    ...['--log-path', launch.log === '' ? 'none' : `k8s-file:${launch.log}`],
    ...(launch.logLimit > 0 ? ['--log-size-max', String(launch.logLimit)] : []),
    // The socket lies in the bundle, however long its path is.
    '--full-attach',
    '--no-sync-log',
    ...flag(launch.terminal, '--terminal'),
    ...flag(launch.stdin, '--stdin'),
    ...flag(launch.leaveStdinOpen, '--leave-stdin-open'),
    ...(launch.execSpec === undefined ? [] : ['--exec', '--exec-process-spec', launch.execSpec]),
    ...flag(launch.execAttach, '--exec-attach'),
  ];
}

/** Lines of a stream, one at a time; undefined at its end. */
function lineReader(stream: Readable): () => Promise<string | undefined> {
  let text = '';
  let ended = false;
  let wake: () => void = () => undefined;
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    text += chunk;
    wake();
  });
  for (const event of ['end', 'error', 'close']) {
    stream.on(event, () => {
      ended = true;
      wake();
    });
  }
  return async () => {
    while (!text.includes('\n') && !ended) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    const end = text.includes('\n') ? text.indexOf('\n') + 1 : text.length;
    const line = text.slice(0, end);
    text = text.slice(end);
    return line === '' ? undefined : line;
  };
}

function moveTo(folders: readonly string[], pid: number): void {
  for (const folder of folders) writeFileSync(join(folder, 'cgroup.procs'), String(pid));
}

const environment = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  _OCI_SYNCPIPE: '3',
};

/** Makes only the pipes that conmon uses; others would leak. */
function startChild(programs: ConmonPrograms, launch: ConmonLaunch): Started {
  const attach = launch.execAttach === true;
  const start = attach || programs.monitorFolders.length > 0;
  return startProgram(programs.conmon, argumentsOf(programs, launch), {
    // conmon leaves its `oom` file in the folder that it runs in.
    cwd: launch.bundle,
    detached: true,
    env: {
      ...environment,
      TMPDIR: programs.temporary,
      ...(start && { _OCI_STARTPIPE: '4' }),
      ...(attach && { _OCI_ATTACHPIPE: '5' }),
    },
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', start ? 'pipe' : 'ignore', attach ? 'pipe' : 'ignore'],
  });
}

/** Starts conmon. Rejects only if it cannot be run; other failures are reported by `next()`. */
export async function launchConmon(programs: ConmonPrograms, launch: ConmonLaunch): Promise<Conmon> {
  const started = startChild(programs, launch);
  const { child } = started;
  const detached = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await hasStarted(started);
  const pipes = child.stdio.slice(2) as (Duplex | null)[];
  for (const pipe of pipes) pipe?.on('error', () => undefined);
  const [complaints, sync, start, attach] = pipes;
  let complaint = '';
  complaints?.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  const nextLine = sync ? lineReader(sync) : () => Promise.resolve(undefined);
  const attachable = attach ? lineReader(attach)() : Promise.resolve();
  const release = (): void => {
    for (const pipe of pipes) pipe?.destroy();
  };
  const abandon = (): void => {
    release();
    child.kill('SIGKILL');
  };
  try {
    moveTo(programs.monitorFolders, child.pid ?? 0);
  } catch (thrown) {
    abandon();
    throw thrown;
  }
  start?.write('1');
  return {
    next: async () => {
      const line = await nextLine();
      return line === undefined ? undefined : (JSON.parse(line) as SyncMessage);
    },
    attachable: attachable.then(() => undefined),
    begin: () => void start?.write('1'),
    complaint: () => complaint,
    detached,
    release,
    abandon,
  };
}
