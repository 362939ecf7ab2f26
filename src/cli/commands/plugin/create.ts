import { lstat, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createGzip } from 'node:zlib';
import { messageOf } from '../../../errors.ts';
import { defineCommand } from '../../command.ts';
import { CliError } from '../../failure.ts';
import { switchFlag } from '../../flags/flag.ts';
import { pack } from '../tar.ts';

export const command = defineCommand({
  takes: 'PLUGIN PLUGIN-DATA-DIR',
  count: [2, Number.POSITIVE_INFINITY],
  flags: { compress: switchFlag('compress', 'Compress the context using gzip') },
  async run({ flags, operands, context }) {
    const [name = '', given = ''] = operands;
    const folder = resolve(given);
    await checkFolder(folder);
    const engine = await context.engine();
    // read at once, because Node drops the output of an ended process that is not read
    const { stream, done } = pack({ folder, entry: '.', name: '.' });
    await engine.text('POST', '/plugins/create', {
      query: { name },
      headers: { 'Content-Type': 'application/x-tar' },
      stream: flags.compress ? stream.pipe(createGzip()) : stream,
    });
    await done;
    await context.print(`${name}\n`);
  },
});

async function checkFolder(folder: string): Promise<void> {
  const found = await lstat(folder).catch((cause: unknown) => {
    throw new CliError(`lstat ${folder}: no such file or directory`, { cause });
  });
  if (!found.isDirectory()) throw new CliError('context must be a directory');
  const path = join(folder, 'config.json');
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new CliError(`open ${path}: no such file or directory`, { cause });
  });
  try {
    JSON.parse(text);
  } catch (cause) {
    throw new CliError(messageOf(cause), { cause });
  }
}
