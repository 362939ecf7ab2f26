import { defineCommand } from '../../command.ts';

/** tabwriter with twenty columns and one space, as docker prints a process table. */
const cell = (text: string): string => text.padEnd(Math.max(20, text.length + 1));

export const command = defineCommand({
  takes: 'CONTAINER [ps OPTIONS]',
  count: [1, Number.POSITIVE_INFINITY],
  flags: {},
  passThrough: true,
  async run({ operands, context }) {
    const [name = '', ...options] = operands;
    const engine = await context.engine();
    const { Titles, Processes } = await engine.get<{ Titles: string[]; Processes: string[][] | null }>(
      `/containers/${encodeURIComponent(name)}/top`,
      { ps_args: options.join(' ') },
    );
    const rows = [Titles, ...(Processes ?? [])];
    const widths = Titles.map((_title, at) => Math.max(...rows.map((row) => cell(row[at] ?? '').length)));
    const lines = rows.map((row) =>
      row.map((text, at) => (at === row.length - 1 ? text : text.padEnd(widths[at] ?? 0))).join(''),
    );
    await context.print(lines.map((line) => `${line}\n`).join(''));
  },
});
