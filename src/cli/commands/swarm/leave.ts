import { defineCommand } from '../../command.ts';
import { switchFlag } from '../../flags/flag.ts';

export const command = defineCommand({
  flags: {
    force: switchFlag('force', 'Force this node to leave the swarm, ignoring warnings', { short: 'f' }),
  },
  async run({ flags, context }) {
    const engine = await context.engine();
    await engine.text('POST', '/swarm/leave', { query: { force: flags.force } });
    await context.print('Node left the swarm.\n');
  },
});
