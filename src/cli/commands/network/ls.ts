import type { NetworkSummary } from '#client/answers.ts';
import { filtersQuery } from '#client/client.ts';
import { defineCommand } from '../../command.ts';
import { filterFlag, formatFlag, switchFlag } from '../../flags/flag.ts';
import { renderList } from '../../table/listing.ts';
import { naturalOrder } from '../../words/text.ts';
import { networkListing } from '../listings.ts';

export const command = defineCommand({
  flags: {
    filter: filterFlag('Provide filter values (e.g. "driver=bridge")'),
    format: formatFlag('Format output: table, table TEMPLATE, json, TEMPLATE'),
    noTrunc: switchFlag('no-trunc', 'Do not truncate the output'),
    quiet: switchFlag('quiet', 'Only display network IDs', { short: 'q' }),
  },
  async run({ flags, context }) {
    const engine = await context.engine();
    const networks = await engine.get<NetworkSummary[]>('/networks', { filters: filtersQuery(flags.filter) });
    networks.sort((a, b) => naturalOrder(a.Name, b.Name));
    const format = flags.format || (flags.quiet ? '' : ((await context.config()).networksFormat ?? ''));
    const listing = networkListing({ truncate: !flags.noTrunc, now: Date.now() });
    await context.print(renderList(listing, networks, { format, quiet: flags.quiet }));
  },
});
