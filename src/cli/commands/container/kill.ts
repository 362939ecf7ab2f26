import { defineCommand } from '../../command.ts';
import { textFlag } from '../../flags/flag.ts';
import { forAll } from '../each.ts';

export const command = defineCommand({
  takes: 'CONTAINER [CONTAINER...]',
  count: [1, Number.POSITIVE_INFINITY],
  flags: { signal: textFlag('signal', 'Signal to send to the container', { short: 's' }) },
  async run({ flags, operands, context }) {
    const engine = await context.engine();
    return forAll(context, operands, async (name) => {
      await engine.text('POST', `/containers/${encodeURIComponent(name)}/kill`, {
        query: { signal: flags.signal },
      });
      return name;
    });
  },
});
