import { defineCommand } from '../../command.ts';
import { CliError } from '../../failure.ts';
import { waitOnService } from '../../swarm/convergence.ts';
import { References } from '../../swarm/references.ts';
import { updatedSpec } from '../../swarm/service-update.ts';
import { updateFlags } from '../../swarm/update-flags.ts';
import { inspectService, updateService } from '../../swarm/updating.ts';
import { authFor } from '../credentials.ts';

/** Flags that go with `--rollback`. */
const withRollback = new Set(['rollback', 'detach', 'quiet']);

export const command = defineCommand({
  takes: 'SERVICE',
  count: [1, 1],
  flags: updateFlags,
  async run({ flags, given, operands, context }) {
    const [name = ''] = operands;
    const engine = await context.engine();
    const service = await inspectService(engine, name);
    if (flags.rollback && [...given].some((flag) => !withRollback.has(flag)))
      throw new CliError('other flags may not be combined with --rollback');
    const spec = await updatedSpec(service.Spec, { flags, given, env: context.env }, new References(engine));
    const image = spec.TaskTemplate.ContainerSpec?.Image ?? '';
    await updateService(context, service, {
      spec,
      rollback: flags.rollback,
      keepAuth: !flags.withRegistryAuth,
      pin: given.has('image') && !flags.noResolveImage,
      auth: flags.withRegistryAuth ? await authFor(context, image) : undefined,
    });
    await context.print(`${name}\n`);
    if (!flags.detach) await waitOnService(context, name, flags);
  },
});
