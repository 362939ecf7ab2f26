import { defineCommand } from '../../command.ts';
import { textFlag } from '../../flags/flag.ts';
import { saveStream } from '../saving.ts';

export const command = defineCommand({
  takes: 'CONTAINER',
  count: [1, 1],
  flags: { output: textFlag('output', 'Write to a file, instead of STDOUT', { short: 'o' }) },
  async run({ flags, operands, context }) {
    const engine = await context.engine();
    const path = `/containers/${encodeURIComponent(operands[0] ?? '')}/export`;
    await saveStream(context, flags.output, () => engine.open('GET', path));
  },
});
