import { defineCommand } from '../../command.ts';
import { forEach } from '../each.ts';

export const command = defineCommand({
  takes: 'NODE [NODE...]',
  flags: {},
  count: [1, Number.POSITIVE_INFINITY],
  async run({ operands, context }) {
    const engine = await context.engine();
    return forEach(context, operands, async (node) => {
      await engine.text('DELETE', `/seaway/cluster/nodes/${encodeURIComponent(node)}`);
      return node;
    });
  },
});
