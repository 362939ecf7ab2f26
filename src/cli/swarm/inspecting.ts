/** `inspect` of objects of a swarm: as JSON, by a template, or `--pretty`. */
import { type Fetch, inspectAll } from '../commands/inspecting.ts';
import type { Context } from '../context.ts';
import { CliError } from '../failure.ts';
import { formatFlag, switchFlag } from '../flags/flag.ts';

export const inspectFlags = {
  format: formatFlag('Format output: json, TEMPLATE', { short: 'f' }),
  pretty: switchFlag('pretty', 'Print the information in a human friendly format'),
};

export interface InspectOptions {
  readonly format: string;
  readonly pretty: (text: string) => string | Promise<string>;
  readonly isPretty?: boolean;
  readonly fetch: Fetch;
}

/** Resolves to the exit status. */
export async function inspectPretty(
  context: Context,
  names: readonly string[],
  { format, pretty, isPretty = false, fetch }: InspectOptions,
): Promise<number> {
  const asked = isPretty ? 'pretty' : format;
  if (asked.startsWith('pretty') && asked !== 'pretty')
    throw new CliError('cannot supply extra formatting options to the pretty template');
  if (asked !== 'pretty') return inspectAll(context, names, fetch, asked);
  for (const name of names) await context.print(await pretty(await fetch(name)));
  return 0;
}
