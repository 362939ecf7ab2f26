import { messageOf } from '../../../errors.ts';
import { cut } from '../../../flags/kinds.ts';
import { parseUint64 } from '../../../go/strconv.ts';
import { defineCommand } from '../../command.ts';
import type { Context } from '../../context.ts';
import { CliError } from '../../failure.ts';
import { waitOnService } from '../../swarm/convergence.ts';
import { sharedFlags } from '../../swarm/service-flags.ts';
import { inspectService, updateService } from '../../swarm/updating.ts';

function parseScale(context: Context, text: string): { readonly name: string; readonly replicas: string } {
  const [name, replicas] = cut(text, '=');
  if (replicas !== undefined && name !== '') return { name, replicas };
  const { program } = context;
  throw new CliError(
    `invalid scale specifier '${text}'.\nSee '${program} service scale --help'.\n\nUsage:  ${program} service scale SERVICE=REPLICAS [SERVICE=REPLICAS...]\n\nScale one or multiple replicated services`,
  );
}

function replicasOf(text: string): number {
  try {
    return parseUint64(text);
  } catch (thrown) {
    throw new Error(`invalid replicas value ${text}: ${messageOf(thrown)}`);
  }
}

async function scale(context: Context, name: string, replicas: number): Promise<void> {
  const service = await inspectService(await context.engine(), name);
  const spec = structuredClone(service.Spec);
  const { Replicated, ReplicatedJob } = spec.Mode ?? {};
  if (Replicated !== undefined) Replicated.Replicas = replicas;
  else if (ReplicatedJob !== undefined) ReplicatedJob.TotalCompletions = replicas;
  else throw new Error('scale can only be used with replicated or replicated-job mode');
  await updateService(context, service, { spec });
  await context.print(`${name} scaled to ${replicas}\n`);
}

export const command = defineCommand({
  takes: 'SERVICE=REPLICAS [SERVICE=REPLICAS...]',
  count: [1, Number.POSITIVE_INFINITY],
  flags: { detach: sharedFlags.detach },
  async run({ flags, operands, context }) {
    const asked = operands.map((text) => parseScale(context, text));
    const scaled: string[] = [];
    const failures: string[] = [];
    for (const { name, replicas } of asked) {
      try {
        await scale(context, name, replicasOf(replicas));
        scaled.push(name);
      } catch (thrown) {
        failures.push(`${name}: ${messageOf(thrown)}`);
      }
    }
    for (const name of flags.detach ? [] : scaled) {
      try {
        await waitOnService(context, name, { quiet: false });
      } catch (thrown) {
        failures.push(`${name}: ${messageOf(thrown)}`);
      }
    }
    if (failures.length > 0) throw new CliError(failures.join('\n'));
  },
});
