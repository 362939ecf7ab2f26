import { defineCommand } from '../../command.ts';
import { switchFlag } from '../../flags/flag.ts';
import { forEach } from '../each.ts';

export const command = defineCommand({
  takes: 'VOLUME [VOLUME...]',
  count: [1, Number.POSITIVE_INFINITY],
  flags: { force: switchFlag('force', 'Force the removal of one or more volumes', { short: 'f' }) },
  async run({ flags, operands, context }) {
    const engine = await context.engine();
    return forEach(context, operands, async (name) => {
      await engine.text('DELETE', `/volumes/${encodeURIComponent(name)}`, { query: { force: flags.force } });
      return name;
    });
  },
});
