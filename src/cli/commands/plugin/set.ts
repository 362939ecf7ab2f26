import { defineCommand } from '../../command.ts';
import { imagePath } from '../../words/reference.ts';

export const command = defineCommand({
  takes: 'PLUGIN KEY=VALUE [KEY=VALUE...]',
  count: [2, Number.POSITIVE_INFINITY],
  flags: {},
  async run({ operands, context }) {
    const [name = '', ...settings] = operands;
    const engine = await context.engine();
    await engine.text('POST', `/plugins/${imagePath(name)}/set`, { json: settings });
  },
});
