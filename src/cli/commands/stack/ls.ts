import { filtersQuery } from '#client/client.ts';
import { defineCommand } from '../../command.ts';
import { stackLabel } from '../../compose/namespace.ts';
import { formatFlag } from '../../flags/flag.ts';
import type { Service } from '../../swarm/types.ts';
import { type Listing, renderList } from '../../table/listing.ts';
import { naturalOrder } from '../../words/text.ts';

interface Stack {
  readonly name: string;
  readonly services: number;
}

const listing: Listing<Stack> = {
  columns: {
    Name: { header: 'NAME', value: ({ name }) => name },
    Services: { header: 'SERVICES', value: ({ services }) => String(services) },
  },
  table: 'table {{.Name}}\t{{.Services}}',
  type: '*formatter.stackContext',
};

export const command = defineCommand({
  flags: { format: formatFlag('Format output: table, table TEMPLATE, json, TEMPLATE') },
  async run({ flags, context }) {
    const engine = await context.engine();
    const filters = filtersQuery({ label: [stackLabel] });
    const services = (await engine.get<Service[] | null>('/services', { filters })) ?? [];
    const byStack = Map.groupBy(services, ({ Spec }) => Spec.Labels?.[stackLabel] ?? '');
    const stacks = [...byStack].map(([name, own]): Stack => ({ name, services: own.length }));
    stacks.sort((a, b) => naturalOrder(a.name, b.name));
    await context.print(renderList(listing, stacks, { format: flags.format }));
  },
});
