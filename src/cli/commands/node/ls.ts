import { filtersQuery } from '#client/client.ts';
import { defineCommand } from '../../command.ts';
import { filterFlag, formatFlag, switchFlag } from '../../flags/flag.ts';
import { swarmInfo, swarmNodeListing } from '../../swarm/nodes.ts';
import type { Node } from '../../swarm/types.ts';
import { renderList } from '../../table/listing.ts';
import { naturalOrder } from '../../words/text.ts';

export const command = defineCommand({
  flags: {
    filter: filterFlag('Filter output based on conditions provided'),
    format: formatFlag('Format output: table, table TEMPLATE, json, TEMPLATE'),
    quiet: switchFlag('quiet', 'Only display IDs', { short: 'q' }),
  },
  async run({ flags, context }) {
    const engine = await context.engine();
    const nodes = (await engine.get<Node[] | null>('/nodes', { filters: filtersQuery(flags.filter) })) ?? [];
    const info = nodes.length > 0 && !flags.quiet ? await swarmInfo(engine) : {};
    nodes.sort((a, b) => naturalOrder(a.Description.Hostname ?? '', b.Description.Hostname ?? ''));
    const format = flags.format || (flags.quiet ? '' : ((await context.config()).nodesFormat ?? ''));
    await context.print(renderList(swarmNodeListing(info), nodes, { format, quiet: flags.quiet }));
  },
});
