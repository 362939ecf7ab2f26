import type { ClusterNode } from '#client/seaway-answers.ts';
import { defineCommand } from '../../command.ts';
import { formatFlag, switchFlag } from '../../flags/flag.ts';
import { renderList } from '../../table/listing.ts';
import { naturalOrder } from '../../words/text.ts';
import { nodeListing } from '../listings.ts';

export const command = defineCommand({
  flags: {
    format: formatFlag('Format output: table, table TEMPLATE, json, TEMPLATE'),
    noTrunc: switchFlag('no-trunc', "Don't truncate output"),
    quiet: switchFlag('quiet', 'Only display node IDs', { short: 'q' }),
  },
  async run({ flags, context }) {
    const engine = await context.engine();
    const nodes = await engine.get<ClusterNode[]>('/seaway/cluster/nodes');
    const sorted = [...nodes].sort((a, b) => naturalOrder(a.Name, b.Name));
    const listing = nodeListing({ truncate: !flags.noTrunc });
    await context.print(renderList(listing, sorted, { format: flags.format, quiet: flags.quiet }));
  },
});
