import { defineCommand } from '../../command.ts';
import { CliError } from '../../failure.ts';
import { checkStackName, ofStack } from '../../swarm/stacks.ts';
import { taskFlags } from '../../swarm/task-flags.ts';
import { printTasks } from '../../swarm/tasks.ts';
import type { Task } from '../../swarm/types.ts';

export const command = defineCommand({
  takes: 'STACK',
  count: [1, 1],
  flags: taskFlags,
  async run({ flags, operands: [name = ''], context }) {
    checkStackName(name);
    const engine = await context.engine();
    const tasks = await engine.get<Task[] | null>('/tasks', { filters: ofStack(name, flags.filter) });
    if (tasks === null || tasks.length === 0) throw new CliError(`nothing found in stack: ${name}`);
    await printTasks(context, tasks, flags);
  },
});
