import { filtersQuery } from '#client/client.ts';
import { defineCommand } from '../../command.ts';
import { CliError } from '../../failure.ts';
import { filterFlag, switchFlag } from '../../flags/flag.ts';
import { confirm, reclaimed } from '../confirm.ts';

export const command = defineCommand({
  flags: {
    all: switchFlag('all', 'Remove all unused volumes, not just anonymous ones', { short: 'a' }),
    filter: filterFlag('Provide filter values (e.g. "label=<label>")', {}),
    force: switchFlag('force', 'Do not prompt for confirmation', { short: 'f' }),
  },
  async run({ flags, context }) {
    const engine = await context.engine();
    if (flags.all && !engine.atLeast('1.42')) {
      throw new CliError(
        `"--all" requires API version 1.42, but the Docker daemon API version is ${engine.version}`,
      );
    }
    const which = flags.all || !engine.atLeast('1.42') ? 'all' : 'anonymous';
    const warning = `WARNING! This will remove ${which === 'all' ? 'all' : 'anonymous'} local volumes not used by at least one container.`;
    if (!flags.force && !(await confirm(context, warning))) return 0;
    const filters = flags.all ? { ...flags.filter, all: ['1'] } : flags.filter;
    const answer = await engine.json<{ VolumesDeleted: string[] | null; SpaceReclaimed: number }>(
      'POST',
      '/volumes/prune',
      {
        query: { filters: filtersQuery(filters) },
      },
    );
    const removed = answer.VolumesDeleted ?? [];
    if (removed.length > 0)
      await context.print(`Deleted Volumes:\n${removed.map((name) => `${name}\n`).join('')}\n`);
    await context.print(reclaimed(answer.SpaceReclaimed));
    return 0;
  },
});
