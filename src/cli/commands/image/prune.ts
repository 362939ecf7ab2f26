import { filtersQuery } from '#client/client.ts';
import { defineCommand } from '../../command.ts';
import { filterFlag, switchFlag } from '../../flags/flag.ts';
import { confirm, reclaimed } from '../confirm.ts';

interface Answer {
  readonly ImagesDeleted: readonly { readonly Untagged?: string; readonly Deleted?: string }[] | null;
  readonly SpaceReclaimed: number;
}

export const command = defineCommand({
  flags: {
    all: switchFlag('all', 'Remove all unused images, not just dangling ones', { short: 'a' }),
    filter: filterFlag('Provide filter values (e.g. "until=<timestamp>")', {}),
    force: switchFlag('force', 'Do not prompt for confirmation', { short: 'f' }),
  },
  async run({ flags, context }) {
    const warning = flags.all
      ? 'WARNING! This will remove all images without at least one container associated to them.'
      : 'WARNING! This will remove all dangling images.';
    if (!flags.force && !(await confirm(context, warning))) return 0;
    const engine = await context.engine();
    const filters = { ...flags.filter, dangling: [flags.all ? 'false' : 'true'] };
    const answer = await engine.json<Answer>('POST', '/images/prune', {
      query: { filters: filtersQuery(filters) },
    });
    const lines = (answer.ImagesDeleted ?? []).map(({ Untagged, Deleted }) =>
      Untagged ? `untagged: ${Untagged}` : `deleted: ${Deleted}`,
    );
    if (lines.length > 0) await context.print(`Deleted Images:\n${lines.join('\n')}\n\n`);
    await context.print(reclaimed(answer.SpaceReclaimed));
    return 0;
  },
});
