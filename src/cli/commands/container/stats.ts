import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import type { ContainerSummary } from '#client/answers.ts';
import type { Client } from '#client/client.ts';
import { parseJson } from '#client/json.ts';
import { defineCommand } from '../../command.ts';
import type { Context } from '../../context.ts';
import { formatFlag, switchFlag } from '../../flags/flag.ts';
import { renderList } from '../../table/listing.ts';
import { shortId } from '../../words/text.ts';
import { type Sample, type StatsRow, statsListing } from '../stats.ts';

/** Milliseconds between two screens. */
const interval = 500;

export const command = defineCommand({
  takes: '[CONTAINER...]',
  count: [0, Number.POSITIVE_INFINITY],
  flags: {
    all: switchFlag('all', 'Show all containers (default shows just running)', { short: 'a' }),
    format: formatFlag('Format output: table, table TEMPLATE, json, TEMPLATE'),
    noStream: switchFlag('no-stream', 'Disable streaming stats and only pull the first result'),
    noTrunc: switchFlag('no-trunc', 'Do not truncate output'),
  },
  async run({ flags, operands, context }) {
    const engine = await context.engine();
    const format = flags.format || ((await context.config()).statsFormat ?? '');
    const render = (rows: readonly StatsRow[]): string =>
      renderList(statsListing(!flags.noTrunc), rows, { format });
    const present = () => namesOf(engine, operands, flags.all);
    if (!flags.noStream) return watch(context, engine, present, render);
    const names = await present();
    const rows = names.map(async (container): Promise<StatsRow> => {
      const query = { stream: '0' };
      const sample = await engine.get<Sample>(`/containers/${encodeURIComponent(container)}/stats`, query);
      return { container, sample };
    });
    await context.print(render(await Promise.all(rows)));
    return 0;
  },
});

async function namesOf(engine: Client, asked: readonly string[], all: boolean): Promise<readonly string[]> {
  if (asked.length > 0) return asked;
  const containers = await engine.get<ContainerSummary[]>('/containers/json', { all });
  return containers.map(({ Id }) => shortId(Id));
}

/** Redraw until the user leaves; containers that come and go do so on the screen. */
async function watch(
  context: Context,
  engine: Client,
  present: () => Promise<readonly string[]>,
  render: (rows: readonly StatsRow[]) => string,
): Promise<number> {
  const samples = new Map<string, Sample | undefined>();
  const follow = async (container: string): Promise<void> => {
    samples.set(container, undefined);
    try {
      const body = await engine.open('GET', `/containers/${encodeURIComponent(container)}/stats`, {
        query: { stream: true },
      });
      for await (const line of createInterface({ input: body }))
        samples.set(container, parseJson(line) as Sample);
    } finally {
      samples.delete(container);
    }
  };
  for (;;) {
    const names = await present();
    for (const name of names) {
      // a container that cannot be followed is left out; the next round tries it again
      if (!samples.has(name)) follow(name).catch(() => {});
    }
    const rows = names.map((container) => ({ container, sample: samples.get(container) }));
    // cursor home, the table with the rest of each line cleared, then clear below
    const screen = render(rows).replaceAll('\n', '\x1b[K\n');
    await context.print(context.stdout.isTTY ? `\x1b[H${screen}\x1b[J` : render(rows));
    await delay(interval);
  }
}
