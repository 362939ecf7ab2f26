import { Seaway } from '#client/seaway.ts';
import type { TraceLine } from '#client/seaway-answers.ts';
import { int } from '../../../flags/kinds.ts';
import { defineCommand } from '../../command.ts';
import { CliError } from '../../failure.ts';
import { flag, switchFlag, textFlag } from '../../flags/flag.ts';
import { showTrace } from './trace-text.ts';

export const command = defineCommand({
  flags: {
    follow: switchFlag('follow', 'Go on with what the engine does from now on', { short: 'f' }),
    last: flag('last', int, 20, 'Number of past traces to show, -1 for all that are kept', { short: 'n' }),
    slower: flag('slower', int, 0, 'Only those that took at least so many milliseconds'),
    format: textFlag('format', 'Format output: text, json'),
  },
  async run({ flags, context }) {
    if (!['', 'text', 'json'].includes(flags.format))
      throw new CliError(`unknown format: ${flags.format}: text or json`);
    const seaway = new Seaway(await context.engine());
    const show = (trace: TraceLine): string =>
      flags.format === 'json' ? `${JSON.stringify(trace)}\n` : showTrace(trace);
    const last = flags.last < 0 ? undefined : flags.last;
    for await (const trace of seaway.trace({ last, follow: flags.follow }))
      if ((trace.Milliseconds ?? 0) >= flags.slower) await context.print(show(trace));
  },
});
