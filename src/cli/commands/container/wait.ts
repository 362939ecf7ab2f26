import { defineCommand } from '../../command.ts';
import { forAll } from '../each.ts';

export const command = defineCommand({
  takes: 'CONTAINER [CONTAINER...]',
  count: [1, Number.POSITIVE_INFINITY],
  flags: {},
  async run({ operands, context }) {
    const engine = await context.engine();
    return forAll(context, operands, async (name) => {
      const answer = await engine.json<{ StatusCode: number; Error?: { Message?: string } | null }>(
        'POST',
        `/containers/${encodeURIComponent(name)}/wait`,
      );
      if (answer.Error?.Message) throw new Error(answer.Error.Message);
      return String(answer.StatusCode);
    });
  },
});
