import type { SwarmState } from '#client/seaway-answers.ts';
import { defineCommand } from '../../command.ts';
import { formatFlag } from '../../flags/flag.ts';
import { addressListing, progressListing } from '../../swarm/state.ts';
import { renderList } from '../../table/listing.ts';
import { naturalOrder } from '../../words/text.ts';

export const command = defineCommand({
  flags: { format: formatFlag('Format output: json') },
  async run({ flags, context }) {
    const engine = await context.engine();
    const state = await engine.get<SwarmState>('/seaway/swarm');
    if (flags.format === 'json') {
      await context.print(`${JSON.stringify(state)}\n`);
      return;
    }
    const nodes = state.Nodes.toSorted((a, b) => naturalOrder(a.Hostname, b.Hostname));
    const subnets = state.Networks.flatMap(({ Name, Subnets }) =>
      Object.entries(Subnets).map(([Subnet, use]) => ({ Name, Subnet, ...use })),
    ).sort((a, b) => naturalOrder(a.Name, b.Name));
    await context.print(renderList(progressListing(state.Revision), nodes, { format: '' }));
    await context.print(`\n${renderList(addressListing, subnets, { format: '' })}`);
  },
});
