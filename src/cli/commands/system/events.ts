import { createInterface } from 'node:readline';
import type { EventLine } from '#client/answers.ts';
import { filtersQuery } from '#client/client.ts';
import { parseJson } from '#client/json.ts';
import { defineCommand } from '../../command.ts';
import { CliError } from '../../failure.ts';
import { filterFlag, formatFlag, textFlag } from '../../flags/flag.ts';
import { compile } from '../../template/evaluate.ts';
import { templateValue } from '../../template/json.ts';
import type { Value } from '../../template/values.ts';
import { localNanoTime, parseMoment } from '../../words/time.ts';

function shown(event: EventLine): string {
  const attributes = Object.entries(event.Actor.Attributes ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const notes =
    attributes.length === 0 ? '' : ` (${attributes.map(([key, value]) => `${key}=${value}`).join(', ')})`;
  const nanoseconds = BigInt(event.timeNano) || BigInt(event.time) * 1_000_000_000n;
  return `${localNanoTime(nanoseconds)} ${event.Type} ${event.Action} ${event.Actor.ID}${notes}`;
}

function olderField(event: EventLine, field: string): { readonly value: Value } | undefined {
  const values: Readonly<Record<string, Value>> = {
    ID: event.id ?? '',
    Status: event.status ?? '',
    From: event.from ?? '',
    Scope: event.scope ?? '',
    Time: event.time,
    TimeNano: event.timeNano,
  };
  return Object.hasOwn(values, field) ? { value: values[field] } : undefined;
}

/** How a line of JSON is shown. */
function presenter(format: string): (line: string) => string {
  if (format === '') return (line) => shown(parseJson(line) as EventLine);
  if (format === 'json') return (line) => line;
  try {
    // The older names of the fields, which are not part of the JSON.
    let event: EventLine | undefined;
    const absent = (field: string) => (event === undefined ? undefined : olderField(event, field));
    const template = compile(format, { absent });
    return (line) => {
      event = parseJson(line) as EventLine;
      return template(templateValue(event));
    };
  } catch (thrown) {
    throw new CliError(`Error parsing format: ${thrown instanceof Error ? thrown.message : thrown}`, {
      status: 64,
    });
  }
}

export const command = defineCommand({
  flags: {
    filter: filterFlag('Filter output based on conditions provided'),
    format: formatFlag('Format output: json, TEMPLATE'),
    since: textFlag('since', 'Show all events created since timestamp'),
    until: textFlag('until', 'Stream events until this timestamp'),
  },
  async run({ flags, context }) {
    const present = presenter(flags.format);
    const moment = (text: string) => (text === '' ? undefined : parseMoment(text, Date.now()));
    const engine = await context.engine();
    const query = {
      since: moment(flags.since),
      until: moment(flags.until),
      filters: filtersQuery(flags.filter),
    };
    const body = await engine.open('GET', '/events', { query });
    for await (const line of createInterface({ input: body })) {
      if (line.trim() !== '') await context.print(`${present(line)}\n`);
    }
  },
});
