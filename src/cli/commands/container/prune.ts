import { filtersQuery } from '#client/client.ts';
import { defineCommand } from '../../command.ts';
import { filterFlag, switchFlag } from '../../flags/flag.ts';
import { confirm, reclaimed } from '../confirm.ts';

export const command = defineCommand({
  flags: {
    filter: filterFlag('Provide filter values (e.g. "until=<timestamp>")', {}),
    force: switchFlag('force', 'Do not prompt for confirmation', { short: 'f' }),
  },
  async run({ flags, context }) {
    if (!flags.force && !(await confirm(context, 'WARNING! This will remove all stopped containers.')))
      return 0;
    const engine = await context.engine();
    const query = { filters: filtersQuery(flags.filter) };
    const answer = await engine.json<{ ContainersDeleted: string[] | null; SpaceReclaimed: number }>(
      'POST',
      '/containers/prune',
      { query },
    );
    const removed = answer.ContainersDeleted ?? [];
    if (removed.length > 0)
      await context.print(`Deleted Containers:\n${removed.map((id) => `${id}\n`).join('')}\n`);
    await context.print(reclaimed(answer.SpaceReclaimed));
    return 0;
  },
});
