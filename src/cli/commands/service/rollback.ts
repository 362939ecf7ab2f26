import { defineCommand } from '../../command.ts';
import { switchFlag } from '../../flags/flag.ts';
import { waitOnService } from '../../swarm/convergence.ts';
import { sharedFlags } from '../../swarm/service-flags.ts';
import { inspectService, updateService } from '../../swarm/updating.ts';

export const command = defineCommand({
  takes: 'SERVICE',
  count: [1, 1],
  flags: {
    detach: sharedFlags.detach,
    quiet: switchFlag('quiet', 'Suppress progress output', { short: 'q' }),
  },
  async run({ flags, operands, context }) {
    const [name = ''] = operands;
    const service = await inspectService(await context.engine(), name);
    await updateService(context, service, { spec: structuredClone(service.Spec), rollback: true });
    await context.print(`${name}\n`);
    if (!flags.detach) await waitOnService(context, name, flags);
  },
});
