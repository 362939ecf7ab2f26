import type { ImageHistoryItem } from '#client/answers.ts';
import { defineCommand } from '../../command.ts';
import { formatFlag, onFlag, switchFlag } from '../../flags/flag.ts';
import { renderList } from '../../table/listing.ts';
import { imagePath } from '../../words/reference.ts';
import { historyListing } from '../listings.ts';

export const command = defineCommand({
  takes: 'IMAGE',
  count: [1, 1],
  flags: {
    format: formatFlag('Format output: table, table TEMPLATE, json, TEMPLATE'),
    human: onFlag('human', 'Print sizes and dates in human readable format', { short: 'H' }),
    noTrunc: switchFlag('no-trunc', "Don't truncate output"),
    quiet: switchFlag('quiet', 'Only show image IDs', { short: 'q' }),
  },
  async run({ flags, operands, context }) {
    const engine = await context.engine();
    const history = await engine.get<ImageHistoryItem[]>(`/images/${imagePath(operands[0] ?? '')}/history`);
    const listing = historyListing({ truncate: !flags.noTrunc, now: Date.now(), human: flags.human });
    await context.print(renderList(listing, history, { format: flags.format, quiet: flags.quiet }));
  },
});
