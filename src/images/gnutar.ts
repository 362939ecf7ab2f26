/** GNU tar, which does the writing and reading of files: owners, times, xattrs, devices, sparse files. */
import type { Readable, Writable } from 'node:stream';
import { fail, messageOf } from '../errors.ts';
import { type Started, startPiped } from '../programs/start.ts';
import { longestSilence } from './compression.ts';

/** Names are bytes to GNU tar in the C locale; any other would convert them. */
export const tarEnvironment: NodeJS.ProcessEnv = { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' };

const xattrs = ['--xattrs', '--xattrs-include=*', '--numeric-owner'] as const;

/** Extract from standard input into a folder. The names must have been judged before (hence -P). */
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

/** Write to standard output; nothing in the archive depends on when or by whom it was written. */
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
  /** Rejects with RUNTIME_FAILED and what tar said. */
  readonly done: Promise<void>;
  stop(): void;
}

/** Start it (or a program that ends in it). `doing` goes into the error message. */
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
