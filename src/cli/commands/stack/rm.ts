import { setTimeout as sleep } from 'node:timers/promises';
import { defineCommand } from '../../command.ts';
import type { Context } from '../../context.ts';
import { CliError } from '../../failure.ts';
import { onFlag } from '../../flags/flag.ts';
import {
  checkStackName,
  ofStack,
  removeAll,
  serviceRemovals,
  stackFiles,
  stackNetworks,
  stackServices,
} from '../../swarm/stacks.ts';
import { isTerminal } from '../../swarm/task-states.ts';
import type { Task } from '../../swarm/types.ts';

/** Tasks have no events in the API. */
const askEveryMs = 200;

/** Until all tasks have ended. */
async function waitOnTasks(context: Context, name: string): Promise<void> {
  const engine = await context.engine();
  for (;;) {
    const tasks = (await engine.get<Task[] | null>('/tasks', { filters: ofStack(name) })) ?? [];
    if (tasks.every(({ Status }) => isTerminal(Status.State) || Status.State === 'orphaned')) return;
    await sleep(askEveryMs);
  }
}

/** Services first, networks last. True when all went. */
async function removeStack(context: Context, name: string): Promise<boolean> {
  const engine = await context.engine();
  const services = await stackServices(engine, name);
  const networks = await stackNetworks(engine, name);
  const secrets = await stackFiles(engine, 'secret', name);
  const configs = await stackFiles(engine, 'config', name);
  const removals = [
    ...serviceRemovals(services),
    ...secrets.map(({ ID, Spec }) => ({ kind: 'secret', name: Spec.Name, path: `/secrets/${ID}` })),
    ...configs.map(({ ID, Spec }) => ({ kind: 'config', name: Spec.Name, path: `/configs/${ID}` })),
    ...networks.map(({ Id, Name }) => ({ kind: 'network', name: Name, path: `/networks/${Id}` })),
  ];
  if (removals.length === 0) context.complain(`Nothing found in stack: ${name}`);
  return removeAll(context, removals);
}

export const command = defineCommand({
  takes: 'STACK [STACK...]',
  count: [1, Number.POSITIVE_INFINITY],
  flags: { detach: onFlag('detach', 'Do not wait for stack removal', { short: 'd' }) },
  async run({ flags, operands, context }) {
    for (const name of operands) checkStackName(name);
    const failures: string[] = [];
    for (const name of operands) {
      if (!(await removeStack(context, name)))
        failures.push(`Failed to remove some resources from stack: ${name}`);
      else if (!flags.detach) await waitOnTasks(context, name);
    }
    if (failures.length > 0) throw new CliError(failures.join('\n'));
  },
});
