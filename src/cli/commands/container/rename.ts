import { messageOf } from '../../../errors.ts';
import { defineCommand } from '../../command.ts';
import { CliError } from '../../failure.ts';

export const command = defineCommand({
  takes: 'CONTAINER NEW_NAME',
  count: [2, 2],
  flags: {},
  async run({ operands, context }) {
    const [from = '', to = ''] = operands.map((name) => name.trim());
    if (from === '' || to === '') throw new CliError('Error: Neither old nor new names may be empty');
    const engine = await context.engine();
    try {
      await engine.text('POST', `/containers/${encodeURIComponent(from)}/rename`, { query: { name: to } });
    } catch (thrown) {
      throw new CliError(`${messageOf(thrown)}\nError: failed to rename container named ${from}`, {
        cause: thrown,
      });
    }
  },
});
