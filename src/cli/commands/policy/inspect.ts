import { defineCommand } from '../../command.ts';
import { formatFlag } from '../../flags/flag.ts';
import { inspectAll } from '../inspecting.ts';

export const command = defineCommand({
  takes: 'POLICY [POLICY...]',
  count: [1, Number.POSITIVE_INFINITY],
  flags: { format: formatFlag('Format output: json, TEMPLATE', { short: 'f' }) },
  async run({ flags, operands, context }) {
    const engine = await context.engine();
    const fetch = (name: string) => engine.text('GET', `/seaway/policies/${encodeURIComponent(name)}`);
    return inspectAll(context, operands, fetch, flags.format);
  },
});
