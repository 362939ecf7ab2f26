import { filtersQuery } from '#client/client.ts';
import { EngineError } from '#client/errors.ts';
import { defineCommand } from '../../command.ts';
import { CliError } from '../../failure.ts';
import { nodeReference } from '../../swarm/names.ts';
import { taskFlags } from '../../swarm/task-flags.ts';
import { printTasks } from '../../swarm/tasks.ts';
import type { Node, Task } from '../../swarm/types.ts';

export const command = defineCommand({
  takes: '[NODE...]',
  count: [0, Number.POSITIVE_INFINITY],
  flags: taskFlags,
  async run({ flags, operands, context }) {
    const engine = await context.engine();
    const tasks: Task[] = [];
    const failures: string[] = [];
    for (const name of operands.length > 0 ? operands : ['self']) {
      try {
        const reference = await nodeReference(engine, name);
        const { ID } = await engine.get<Node>(`/nodes/${encodeURIComponent(reference)}`);
        const filters = filtersQuery({ ...flags.filter, node: [...(flags.filter.node ?? []), ID] });
        tasks.push(...((await engine.get<Task[] | null>('/tasks', { filters })) ?? []));
      } catch (thrown) {
        if (!(thrown instanceof EngineError)) throw thrown;
        failures.push(thrown.message);
      }
    }
    if (failures.length === 0 || tasks.length > 0) await printTasks(context, tasks, flags);
    if (failures.length > 0) throw new CliError(failures.join('\n'));
  },
});
