import { defineCommand } from '../../command.ts';
import { forEach } from '../each.ts';

export const command = defineCommand({
  takes: 'SERVICE [SERVICE...]',
  count: [1, Number.POSITIVE_INFINITY],
  flags: {},
  async run({ operands, context }) {
    const engine = await context.engine();
    return forEach(context, operands, async (name) => {
      await engine.text('DELETE', `/services/${encodeURIComponent(name)}`);
      return name;
    });
  },
});
