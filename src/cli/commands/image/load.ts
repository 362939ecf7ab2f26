import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { defineCommand } from '../../command.ts';
import { CliError } from '../../failure.ts';
import { switchFlag, textFlag } from '../../flags/flag.ts';
import { showProgress } from '../progress.ts';

export const command = defineCommand({
  flags: {
    input: textFlag('input', 'Read from tar archive file, instead of STDIN', { short: 'i' }),
    platform: textFlag('platform', 'Load only the given platform variant'),
    quiet: switchFlag('quiet', 'Suppress the load output', { short: 'q' }),
  },
  async run({ flags, context }) {
    if (flags.input !== '') {
      await access(flags.input).catch((cause: unknown) => {
        throw new CliError(`open ${flags.input}: no such file or directory`, { cause });
      });
    } else if (context.stdin.isTTY) throw new CliError('requested load from stdin, but stdin is empty');
    const stream = flags.input === '' ? context.stdin : createReadStream(flags.input);
    const engine = await context.engine();
    const quiet = flags.quiet || !context.stdout.isTTY;
    const answer = await engine.open('POST', '/images/load', {
      query: { quiet: quiet ? '1' : '0' },
      headers: { 'Content-Type': 'application/x-tar' },
      stream,
    });
    await showProgress(context, answer);
  },
});
