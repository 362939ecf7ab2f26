import type { ImageSummary } from '#client/answers.ts';
import { filtersQuery } from '#client/client.ts';
import { defineCommand } from '../../command.ts';
import { filterFlag, formatFlag, switchFlag } from '../../flags/flag.ts';
import { renderList } from '../../table/listing.ts';
import { imageListing, rowsOfImage } from '../images.ts';

export const command = defineCommand({
  takes: '[REPOSITORY[:TAG]]',
  count: [0, 1],
  flags: {
    all: switchFlag('all', 'Show all images (default hides intermediate images)', { short: 'a' }),
    digests: switchFlag('digests', 'Show digests'),
    filter: filterFlag('Filter output based on conditions provided'),
    format: formatFlag('Format output: table, table TEMPLATE, json, TEMPLATE'),
    noTrunc: switchFlag('no-trunc', "Don't truncate output"),
    quiet: switchFlag('quiet', 'Only show image IDs', { short: 'q' }),
  },
  async run({ flags, operands, context }) {
    const [reference] = operands;
    const filters =
      reference === undefined
        ? flags.filter
        : { ...flags.filter, reference: [...(flags.filter.reference ?? []), reference] };
    const engine = await context.engine();
    const images = await engine.get<ImageSummary[]>('/images/json', {
      all: flags.all,
      filters: filtersQuery(filters),
    });
    const format = flags.format || (flags.quiet ? '' : ((await context.config()).imagesFormat ?? ''));
    const rows = images.flatMap((image) => rowsOfImage(image, { digests: flags.digests }));
    const listing = imageListing({ truncate: !flags.noTrunc, now: Date.now() }, flags.digests);
    await context.print(renderList(listing, rows, { format, quiet: flags.quiet }));
  },
});
