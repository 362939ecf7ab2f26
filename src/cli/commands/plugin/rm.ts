import { defineCommand } from '../../command.ts';
import { switchFlag } from '../../flags/flag.ts';
import { imagePath } from '../../words/reference.ts';
import { forEach } from '../each.ts';

export const command = defineCommand({
  takes: 'PLUGIN [PLUGIN...]',
  count: [1, Number.POSITIVE_INFINITY],
  flags: { force: switchFlag('force', 'Force the removal of an active plugin', { short: 'f' }) },
  async run({ flags, operands, context }) {
    const engine = await context.engine();
    return forEach(context, operands, async (name) => {
      await engine.text('DELETE', `/plugins/${imagePath(name)}`, { query: { force: flags.force } });
      return name;
    });
  },
});
