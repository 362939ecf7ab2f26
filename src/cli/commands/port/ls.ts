import type { PublishedPorts } from '#client/seaway-answers.ts';
import { defineCommand } from '../../command.ts';
import { formatFlag } from '../../flags/flag.ts';
import { type Listing, renderList } from '../../table/listing.ts';
import { naturalOrder } from '../../words/text.ts';
import type { PortLine } from './ports.ts';

const listing: Listing<PortLine> = {
  columns: {
    Container: { header: 'CONTAINER', value: ({ Container }) => Container },
    Port: { header: 'PORT', value: ({ Port }) => Port },
    Host: { header: 'HOST', value: ({ Host }) => Host },
    State: { header: 'STATE', value: ({ State }) => State },
  },
  table: 'table {{.Container}}\t{{.Port}}\t{{.Host}}\t{{.State}}',
  type: '*port.portContext',
};

export const command = defineCommand({
  takes: '[CONTAINER]',
  count: [0, 1],
  flags: { format: formatFlag('Format output: table, table TEMPLATE, json, TEMPLATE') },
  async run({ flags, operands, context }) {
    const [container] = operands;
    const engine = await context.engine();
    const all =
      container === undefined
        ? await engine.get<PublishedPorts[]>('/seaway/ports')
        : [await engine.get<PublishedPorts>(`/seaway/containers/${encodeURIComponent(container)}/ports`)];
    const lines = all
      .toSorted((a, b) => naturalOrder(a.Name, b.Name))
      .flatMap(({ Name, Ports }) => Ports.map((port) => ({ Container: Name, ...port })));
    await context.print(renderList(listing, lines, { format: flags.format }));
  },
});
