import { defineCommand } from '../../command.ts';
import { switchFlag } from '../../flags/flag.ts';
import { forEach } from '../each.ts';

export const command = defineCommand({
  takes: 'NODE [NODE...]',
  count: [1, Number.POSITIVE_INFINITY],
  flags: { force: switchFlag('force', 'Force remove a node from the swarm', { short: 'f' }) },
  async run({ flags, operands, context }) {
    const engine = await context.engine();
    return forEach(context, operands, async (name) => {
      await engine.text('DELETE', `/nodes/${encodeURIComponent(name)}`, { query: { force: flags.force } });
      return name;
    });
  },
});
