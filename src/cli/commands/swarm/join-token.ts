import { defineCommand } from '../../command.ts';
import { CliError } from '../../failure.ts';
import { switchFlag } from '../../flags/flag.ts';
import { type Cluster, printJoinCommand, updateSwarm } from '../../swarm/cluster.ts';
import { swarmInfo } from '../../swarm/nodes.ts';

export const command = defineCommand({
  takes: '(worker|manager)',
  count: [1, 1],
  flags: {
    quiet: switchFlag('quiet', 'Only display token', { short: 'q' }),
    rotate: switchFlag('rotate', 'Rotate join token'),
  },
  async run({ flags, operands, context }) {
    const [role] = operands;
    if (role !== 'worker' && role !== 'manager') throw new CliError(`unknown role ${role}`);
    const engine = await context.engine();
    if (flags.rotate) {
      const rotation = { rotateWorkerToken: role === 'worker', rotateManagerToken: role === 'manager' };
      await updateSwarm(engine, await engine.get<Cluster>('/swarm'), rotation);
      if (!flags.quiet) await context.print(`Successfully rotated ${role} join token.\n\n`);
    }
    const { JoinTokens } = await engine.get<Cluster>('/swarm');
    if (flags.quiet) {
      await context.print(`${role === 'worker' ? JoinTokens.Worker : JoinTokens.Manager}\n`);
      return;
    }
    await printJoinCommand(context, (await swarmInfo(engine)).NodeID ?? '', role);
  },
});
