import { filtersQuery } from '#client/client.ts';
import { defineCommand } from '../../command.ts';
import { filterFlag, switchFlag } from '../../flags/flag.ts';
import { confirm } from '../confirm.ts';

const warning = 'WARNING! This will remove all custom networks not used by at least one container.';

export const command = defineCommand({
  flags: {
    filter: filterFlag('Provide filter values (e.g. "until=<timestamp>")', {}),
    force: switchFlag('force', 'Do not prompt for confirmation', { short: 'f' }),
  },
  async run({ flags, context }) {
    if (!flags.force && !(await confirm(context, warning))) return 0;
    const engine = await context.engine();
    const query = { filters: filtersQuery(flags.filter) };
    const answer = await engine.json<{ NetworksDeleted: string[] | null }>('POST', '/networks/prune', {
      query,
    });
    const removed = answer.NetworksDeleted ?? [];
    if (removed.length > 0)
      await context.print(`Deleted Networks:\n${removed.map((name) => `${name}\n`).join('')}\n`);
    return 0;
  },
});
