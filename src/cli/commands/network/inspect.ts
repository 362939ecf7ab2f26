import { defineCommand } from '../../command.ts';
import { formatFlag, switchFlag } from '../../flags/flag.ts';
import { inspectAll } from '../inspecting.ts';

export const command = defineCommand({
  takes: 'NETWORK [NETWORK...]',
  count: [1, Number.POSITIVE_INFINITY],
  flags: {
    format: formatFlag('Format output: json, TEMPLATE', { short: 'f' }),
    verbose: switchFlag('verbose', 'Verbose output for diagnostics', { short: 'v' }),
  },
  async run({ flags, operands, context }) {
    const engine = await context.engine();
    const query = { verbose: flags.verbose ? 'true' : undefined };
    const fetch = (name: string) => engine.text('GET', `/networks/${encodeURIComponent(name)}`, { query });
    return inspectAll(context, operands, fetch, flags.format);
  },
});
