import { defineCommand } from '../../command.ts';
import { switchFlag } from '../../flags/flag.ts';

export const command = defineCommand({
  takes: 'NETWORK CONTAINER',
  count: [2, 2],
  flags: { force: switchFlag('force', 'Force the container to disconnect from a network', { short: 'f' }) },
  async run({ flags, operands, context }) {
    const [network = '', container = ''] = operands;
    const engine = await context.engine();
    const json = { Container: container, Force: flags.force };
    await engine.text('POST', `/networks/${encodeURIComponent(network)}/disconnect`, { json });
  },
});
