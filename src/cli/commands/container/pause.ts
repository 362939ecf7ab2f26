import { defineCommand } from '../../command.ts';
import { forAll } from '../each.ts';

export const command = defineCommand({
  takes: 'CONTAINER [CONTAINER...]',
  count: [1, Number.POSITIVE_INFINITY],
  flags: {},
  async run({ operands, context }) {
    const engine = await context.engine();
    return forAll(context, operands, async (name) => {
      await engine.text('POST', `/containers/${encodeURIComponent(name)}/pause`);
      return name;
    });
  },
});
