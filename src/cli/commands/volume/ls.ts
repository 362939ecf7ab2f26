import type { VolumeSummary } from '#client/answers.ts';
import { filtersQuery } from '#client/client.ts';
import { defineCommand } from '../../command.ts';
import { filterFlag, formatFlag, switchFlag } from '../../flags/flag.ts';
import { renderList } from '../../table/listing.ts';
import { naturalOrder } from '../../words/text.ts';
import { volumeListing } from '../listings.ts';

export const command = defineCommand({
  flags: {
    filter: filterFlag('Provide filter values (e.g. "dangling=true")'),
    format: formatFlag('Format output: table, table TEMPLATE, json, TEMPLATE'),
    quiet: switchFlag('quiet', 'Only display volume names', { short: 'q' }),
  },
  async run({ flags, context }) {
    const engine = await context.engine();
    const query = { filters: filtersQuery(flags.filter) };
    const { Volumes } = await engine.get<{ Volumes: VolumeSummary[] | null }>('/volumes', query);
    const volumes = [...(Volumes ?? [])].sort((a, b) => naturalOrder(a.Name, b.Name));
    const format = flags.format || (flags.quiet ? '' : ((await context.config()).volumesFormat ?? ''));
    await context.print(renderList(volumeListing, volumes, { format, quiet: flags.quiet }));
  },
});
