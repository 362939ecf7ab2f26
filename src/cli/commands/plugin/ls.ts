import type { PluginSummary } from '#client/answers.ts';
import { filtersQuery } from '#client/client.ts';
import { defineCommand } from '../../command.ts';
import { filterFlag, formatFlag, switchFlag } from '../../flags/flag.ts';
import { renderList } from '../../table/listing.ts';
import { naturalOrder } from '../../words/text.ts';
import { pluginListing } from '../listings.ts';

export const command = defineCommand({
  flags: {
    filter: filterFlag('Provide filter values (e.g. "enabled=true")'),
    format: formatFlag('Format output: table, table TEMPLATE, json, TEMPLATE'),
    noTrunc: switchFlag('no-trunc', "Don't truncate output"),
    quiet: switchFlag('quiet', 'Only display plugin IDs', { short: 'q' }),
  },
  async run({ flags, context }) {
    const engine = await context.engine();
    const plugins = await engine.get<PluginSummary[]>('/plugins', { filters: filtersQuery(flags.filter) });
    const sorted = [...plugins].sort((a, b) => naturalOrder(a.Name, b.Name));
    const format = flags.format || (flags.quiet ? '' : ((await context.config()).pluginsFormat ?? ''));
    const listing = pluginListing({ truncate: !flags.noTrunc });
    await context.print(renderList(listing, sorted, { format, quiet: flags.quiet }));
  },
});
