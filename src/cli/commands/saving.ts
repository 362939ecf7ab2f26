/** An archive from the engine to a file or to standard output. */
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Context } from '../context.ts';
import { CliError } from '../failure.ts';

/** A file appears under its name when it is whole. Throws `CliError` rather than writing to a terminal. */
export async function saveStream(
  context: Context,
  file: string,
  open: () => Promise<Readable>,
): Promise<void> {
  if (file === '') {
    if (context.stdout.isTTY)
      throw new CliError('cowardly refusing to save to a terminal. Use the -o flag or redirect');
    await pipeline(await open(), context.stdout, { end: false });
    return;
  }
  const partial = `${file}.${process.pid}.tmp`;
  try {
    await pipeline(await open(), createWriteStream(partial, { mode: 0o600, flags: 'wx' }));
    await rename(partial, file);
  } catch (thrown) {
    await rm(partial, { force: true });
    throw thrown;
  }
}
