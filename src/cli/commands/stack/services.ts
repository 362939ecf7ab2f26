import { defineCommand } from '../../command.ts';
import { filterFlag, formatFlag, switchFlag } from '../../flags/flag.ts';
import { serviceListing } from '../../swarm/services.ts';
import { checkStackName, ofStack } from '../../swarm/stacks.ts';
import type { Service } from '../../swarm/types.ts';
import { renderList } from '../../table/listing.ts';
import { naturalOrder } from '../../words/text.ts';

export const command = defineCommand({
  takes: 'STACK',
  count: [1, 1],
  flags: {
    filter: filterFlag('Filter output based on conditions provided'),
    format: formatFlag('Format output: table, table TEMPLATE, json, TEMPLATE'),
    quiet: switchFlag('quiet', 'Only display IDs', { short: 'q' }),
  },
  async run({ flags, operands: [name = ''], context }) {
    checkStackName(name);
    const engine = await context.engine();
    const query = { filters: ofStack(name, flags.filter), status: flags.quiet ? undefined : 'true' };
    const services = (await engine.get<Service[] | null>('/services', query)) ?? [];
    if (services.length === 0) {
      context.complain(`Nothing found in stack: ${name}`);
      return;
    }
    services.sort((a, b) => naturalOrder(a.Spec.Name ?? '', b.Spec.Name ?? ''));
    const format = flags.format || (flags.quiet ? '' : ((await context.config()).servicesFormat ?? ''));
    await context.print(renderList(serviceListing, services, { format, quiet: flags.quiet }));
  },
});
