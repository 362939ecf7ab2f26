/** Runs GNU tar, which reads and writes files: owners, times, xattrs, devices, sparse files. */
import type { Readable, Writable } from 'node:stream';
import { fail, messageOf } from '../errors.ts';
import { type Started, startPiped } from '../programs/start.ts';
import { longestSilence } from './compression.ts';

/** In the C locale GNU tar treats names as bytes. */
export const tarEnvironment: NodeJS.ProcessEnv = { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' };

const xattrs = ['--xattrs', '--xattrs-include=*', '--numeric-owner'] as const;

/** Extracts standard input into a folder. Names must have been judged before (hence --absolute-names). */
export const extractFlags: readonly string[] = [
  '--extract',
  '--file=-',
  '--absolute-names',
  '--same-owner',
  '--same-permissions',
  '--delay-directory-restore',
  '--warning=no-timestamp',
  '--warning=no-unknown-keyword',
  ...xattrs,
];

/** Writes to standard output; the archive does not depend on the time or the user. */
export const createFlags: readonly string[] = [
  '--create',
  '--file=-',
  '--format=posix',
  '--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime',
  '--warning=no-file-changed',
  '--warning=no-file-ignored',
  '--sort=name',
  ...xattrs,
];

export interface RunningTar {
  readonly input: Writable;
  readonly output: Readable;
  /** Rejects with RUNTIME_FAILED and tar's message. */
  readonly done: Promise<void>;
  stop(): void;
}

/** Starts tar, or a program that executes it. `doing` is for error messages. */
export function startTar(
  doing: string,
  program: string,
  flags: readonly string[],
  options: { readonly changedFiles: 'ignore' | 'fail' } = { changedFiles: 'fail' },
): RunningTar {
  const started = startPiped(program, flags, { env: tarEnvironment, silence: longestSilence });
  const { child } = started;
  const done = ended(started, { doing, program, mayDiffer: options.changedFiles === 'ignore' });
  done.catch(() => {});
  return { input: child.stdin, output: child.stdout, done, stop: () => void child.kill('SIGKILL') };
}

async function ended(
  { child, ended: end }: Started,
  {
    doing,
    program,
    mayDiffer,
  }: { readonly doing: string; readonly program: string; readonly mayDiffer: boolean },
): Promise<void> {
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(0, 4000);
  });
  const { code, signal } = await end.catch((thrown: unknown) => {
    throw fail('RUNTIME_FAILED', doing, messageOf(thrown));
  });
  // 1: files changed while they were read, as those of a running container do
  if (code === 0 || (code === 1 && mayDiffer && /file changed|file removed|shrank/i.test(said))) return;
  throw fail('RUNTIME_FAILED', doing, said.trim() || `${program} ended with ${signal ?? code}`);
}
