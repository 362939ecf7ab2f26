import { defineCommand } from '../../command.ts';
import { intFlag, textFlag } from '../../flags/flag.ts';
import { forAll } from '../each.ts';

export const command = defineCommand({
  takes: 'CONTAINER [CONTAINER...]',
  count: [1, Number.POSITIVE_INFINITY],
  flags: {
    signal: textFlag('signal', 'Signal to send to the container', { short: 's' }),
    timeout: intFlag('timeout', 'Seconds to wait before killing the container', {
      short: 't',
      also: ['time'],
    }),
  },
  async run({ flags, given, operands, context }) {
    const engine = await context.engine();
    const query = { signal: flags.signal, t: given.has('timeout') ? flags.timeout : undefined };
    return forAll(context, operands, async (name) => {
      await engine.text('POST', `/containers/${encodeURIComponent(name)}/stop`, { query });
      return name;
    });
  },
});
