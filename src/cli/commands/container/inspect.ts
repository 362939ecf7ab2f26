import { defineCommand } from '../../command.ts';
import { formatFlag, switchFlag } from '../../flags/flag.ts';
import { inspectAll } from '../inspecting.ts';

export const command = defineCommand({
  takes: 'CONTAINER [CONTAINER...]',
  count: [1, Number.POSITIVE_INFINITY],
  flags: {
    format: formatFlag('Format output: json, TEMPLATE', { short: 'f' }),
    size: switchFlag('size', 'Display total file sizes', { short: 's' }),
  },
  async run({ flags, operands, context }) {
    const engine = await context.engine();
    const fetch = (name: string) =>
      engine.text('GET', `/containers/${encodeURIComponent(name)}/json`, { query: { size: flags.size } });
    return inspectAll(context, operands, fetch, flags.format);
  },
});
