import { defineCommand } from '../../command.ts';
import { forEach } from '../each.ts';

export const command = defineCommand({
  takes: 'POLICY [POLICY...]',
  count: [1, Number.POSITIVE_INFINITY],
  flags: {},
  async run({ operands, context }) {
    const engine = await context.engine();
    return forEach(context, operands, async (name) => {
      await engine.text('DELETE', `/seaway/policies/${encodeURIComponent(name)}`);
      return name;
    });
  },
});
