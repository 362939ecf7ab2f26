import { type Client, filtersQuery } from '#client/client.ts';
import { defineCommand } from '../../command.ts';
import { CliError } from '../../failure.ts';
import type { Filters } from '../../flags/flag.ts';
import { nodeReference } from '../../swarm/names.ts';
import { taskFlags } from '../../swarm/task-flags.ts';
import { printTasks } from '../../swarm/tasks.ts';
import type { Service, Task } from '../../swarm/types.ts';

interface Found {
  readonly ids: readonly string[];
  readonly missing: readonly string[];
}

/** By the whole id, by the name, by the start of an id. */
async function servicesNamed(engine: Client, names: readonly string[]): Promise<Found> {
  const ask = async (key: string): Promise<readonly Service[]> =>
    (await engine.get<Service[] | null>('/services', { filters: filtersQuery({ [key]: names }) })) ?? [];
  const byId = await ask('id');
  const byName = await ask('name');
  const ids: string[] = [];
  const missing: string[] = [];
  for (const name of names) {
    const exact = byId.find(({ ID }) => ID === name) ?? byName.find(({ Spec }) => Spec.Name === name);
    const beginning = byId.filter(({ ID }) => ID.startsWith(name));
    if (exact === undefined && beginning.length > 1)
      throw new CliError(`multiple services found with provided prefix: ${name}`);
    const found = exact ?? beginning[0];
    if (found === undefined) missing.push(`no such service: ${name}`);
    else ids.push(found.ID);
  }
  return { ids, missing };
}

export const command = defineCommand({
  takes: 'SERVICE [SERVICE...]',
  count: [1, Number.POSITIVE_INFINITY],
  flags: taskFlags,
  async run({ flags, operands, context }) {
    const engine = await context.engine();
    const { ids, missing } = await servicesNamed(engine, operands);
    if (ids.length === 0) throw new CliError(missing.join('\n'));
    const nodes: string[] = [];
    for (const node of flags.filter.node ?? []) nodes.push(await nodeReference(engine, node));
    const filters: Filters = {
      ...flags.filter,
      service: [...(flags.filter.service ?? []), ...ids],
      ...(nodes.length > 0 ? { node: nodes } : {}),
    };
    const tasks = await engine.get<Task[] | null>('/tasks', { filters: filtersQuery(filters) });
    await printTasks(context, tasks ?? [], { ...flags, noTrunc: flags.noTrunc || flags.quiet });
    if (missing.length > 0) throw new CliError(missing.join('\n'));
  },
});
