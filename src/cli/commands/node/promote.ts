import { defineCommand } from '../../command.ts';
import { changeRoles } from '../../swarm/nodes.ts';

export const command = defineCommand({
  takes: 'NODE [NODE...]',
  count: [1, Number.POSITIVE_INFINITY],
  flags: {},
  async run({ operands, context }) {
    const done = (name: string): string => `Node ${name} promoted to a manager in the swarm.`;
    await changeRoles(context, operands, { role: 'manager', done });
  },
});
