import { readFile } from 'node:fs/promises';
import { textOf } from '#client/client.ts';
import { hasErrno } from '../../../system-error.ts';
import { defineCommand } from '../../command.ts';
import { CliError } from '../../failure.ts';

async function readGiven(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (hasErrno(cause, 'ENOENT')) throw new CliError(`open ${path}: no such file or directory`, { cause });
    throw cause;
  }
}

export const command = defineCommand({
  takes: 'FILE|-',
  count: [1, 1],
  flags: {},
  async run({ operands: [path = ''], context }) {
    const text = path === '-' ? await textOf(context.stdin) : await readGiven(path);
    const engine = await context.engine();
    const results = await engine.json<{ readonly Name: string; readonly Result: string }[]>(
      'POST',
      '/seaway/policies',
      { json: { Document: text } },
    );
    for (const { Name, Result } of results) await context.print(`${Name} ${Result}\n`);
    return 0;
  },
});
