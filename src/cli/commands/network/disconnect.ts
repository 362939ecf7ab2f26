import { defineCommand } from '../../command.ts';
import { switchFlag, textFlag } from '../../flags/flag.ts';
import { anyCount, checkTarget, disconnectNamespace } from './namespace.ts';

export const command = defineCommand({
  takes: 'NETWORK CONTAINER',
  count: anyCount,
  flags: {
    force: switchFlag('force', 'Force the container to disconnect from a network', { short: 'f' }),
    name: textFlag('name', 'Disconnect the network namespace that is called so in the network'),
    netns: textFlag('netns', 'Disconnect the network namespace of that file or name instead of a container'),
  },
  async run({ flags, operands, context }) {
    const [network = '', container = ''] = operands;
    const { netns: namespace, name } = flags;
    const isNamespace = namespace !== '' || name !== '';
    checkTarget(operands, isNamespace);
    if (isNamespace) return disconnectNamespace(context, { network, namespace, name });
    const engine = await context.engine();
    const json = { Container: container, Force: flags.force };
    await engine.text('POST', `/networks/${encodeURIComponent(network)}/disconnect`, { json });
    return 0;
  },
});
