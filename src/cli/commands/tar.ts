/** GNU tar as a stream: archives of local files, and archives unpacked into local folders. */
import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CliError } from '../failure.ts';

interface Running {
  readonly done: Promise<void>;
}

function failing(command: string, child: ReturnType<typeof spawn>): Running {
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    complaint += chunk.toString('utf8');
  });
  const done = new Promise<void>((resolve, reject) => {
    child.once('error', (cause) => reject(new CliError(`cannot run tar: ${cause.message}`, { cause })));
    child.once('close', (code) =>
      code === 0
        ? resolve()
        : reject(new CliError(`${command}: ${complaint.trim() || `tar ended with ${code}`}`)),
    );
  });
  done.catch(() => {});
  return { done };
}

/** Special characters of a basic regular expression, for tar's --transform. */
const escapePattern = (text: string): string => text.replace(/[\\.*[\]^$|/]/g, '\\$&');
const escapeReplacement = (text: string): string => text.replace(/[\\&|]/g, '\\$&');

export interface PackOptions {
  readonly folder: string;
  /** The entry of the folder that is packed; `.` for all that is in it. */
  readonly entry: string;
  /** The name that it has in the archive. */
  readonly name: string;
}

/** An archive as a stream; `done` tells how tar ended. */
export function pack({ folder, entry, name }: PackOptions): {
  readonly stream: Readable;
  readonly done: Promise<void>;
} {
  const renaming =
    name === entry
      ? []
      : [
          '--transform',
          `flags=r;s|^${escapePattern(entry)}\\(/.*\\)\\{0,1\\}$|${escapeReplacement(name)}\\1|`,
        ];
  const args = [
    '--create',
    '--file=-',
    '--format=pax',
    '--numeric-owner',
    ...renaming,
    '-C',
    folder,
    '--',
    entry,
  ];
  const child = spawn('tar', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  if (child.stdout === null) throw new CliError('cannot run tar: no output');
  return { stream: child.stdout, done: failing('archiving', child).done };
}

export interface UnpackOptions {
  readonly folder: string;
  /** Leading parts of names that are dropped. */
  readonly strip: number;
  /** Keep the archive's owners; otherwise all belongs to the user. */
  readonly owners: boolean;
}

/** Unpack a stream. Names that lead out of the folder are tar's to refuse. */
export async function unpack(stream: Readable, { folder, strip, owners }: UnpackOptions): Promise<void> {
  const owner = owners ? ['--same-owner', '--numeric-owner'] : ['--no-same-owner'];
  const args = [
    '--extract',
    '--file=-',
    '--preserve-permissions',
    '--overwrite-dir',
    ...owner,
    `--strip-components=${strip}`,
    '-C',
    folder,
  ];
  const child = spawn('tar', args, { stdio: ['pipe', 'ignore', 'pipe'] });
  const { done } = failing('unpacking', child);
  if (child.stdin === null) throw new CliError('cannot run tar: no input');
  // When tar gives up, its own complaint says more than the broken pipe.
  await pipeline(stream, child.stdin).catch(async (thrown: unknown) => {
    await done;
    throw thrown;
  });
  await done;
}
