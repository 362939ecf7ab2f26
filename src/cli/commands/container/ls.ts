import type { ContainerSummary } from '#client/answers.ts';
import { filtersQuery } from '#client/client.ts';
import { defineCommand } from '../../command.ts';
import { filterFlag, formatFlag, intFlag, switchFlag } from '../../flags/flag.ts';
import { renderList } from '../../table/listing.ts';
import { containerListing } from '../listings.ts';

export const command = defineCommand({
  flags: {
    all: switchFlag('all', 'Show all containers (default shows just running)', { short: 'a' }),
    filter: filterFlag('Filter output based on conditions provided'),
    format: formatFlag('Format output: table, table TEMPLATE, json, TEMPLATE'),
    last: intFlag('last', 'Show n last created containers (includes all states)', {
      short: 'n',
      initial: -1,
    }),
    latest: switchFlag('latest', 'Show the latest created container (includes all states)', { short: 'l' }),
    noTrunc: switchFlag('no-trunc', "Don't truncate output"),
    quiet: switchFlag('quiet', 'Only display container IDs', { short: 'q' }),
    size: switchFlag('size', 'Display total file sizes', { short: 's' }),
  },
  async run({ flags, given, context }) {
    const format = flags.format || (flags.quiet ? '' : ((await context.config()).psFormat ?? ''));
    const limit = flags.latest && !given.has('last') ? 1 : flags.last;
    // A template that shows sizes asks for them.
    const size = flags.size || /\{\{[^}]*\.Size\b/.test(format);
    const engine = await context.engine();
    const containers = await engine.get<ContainerSummary[]>('/containers/json', {
      all: flags.all,
      limit: limit > 0 ? limit : undefined,
      size,
      filters: filtersQuery(flags.filter),
    });
    const listing = containerListing({ truncate: !flags.noTrunc, now: Date.now() }, flags.size);
    await context.print(renderList(listing, containers, { format, quiet: flags.quiet }));
  },
});
