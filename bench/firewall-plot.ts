/**
 * Draws what `firewall.ts` has printed.
 *
 *     node bench/firewall-plot.ts NAME=FILE... >docs/pictures/firewall-figures.svg
 *
 * A column of plots for each figure, a line for each engine: the fastest tenth, by the number of published ports.
 */
import { readFileSync } from 'node:fs';

interface Row {
  readonly ports: number;
  readonly [figure: string]:
    | number
    | { readonly median: number; readonly fastest: number; readonly processor?: number };
}

const figures = [
  ['first', 'connection, first port, ms'],
  ['last', 'connection, last port, ms'],
  ['start', 'next container, processor time, ms'],
  ['network', 'network create, ms'],
  ['connect', 'network connect, ms'],
] as const;
const colours = ['#2f6fb5', '#b2741b', '#35834b', '#c2452d'];
const size = { width: 250, height: 190, left: 42, top: 46, gap: 30 } as const;

const engines = process.argv.slice(2).map((argument) => {
  const [name = '', file = ''] = argument.split('=');
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return { name, rows: lines.map((line) => JSON.parse(line) as Row) };
});

const fastestOf = (row: Row, figure: string): number => {
  const value = row[figure];
  if (typeof value !== 'object') return 0;
  // starts are runc's, which other work of the machine slows most
  return figure === 'start' ? (value.processor ?? value.fastest) : value.fastest;
};

/** Ports on a scale of powers of ten, with 0 at its begin. */
const place = (ports: number): number => (ports === 0 ? 0 : (Math.log10(ports) - 2) / 2);

function plot([figure, title]: readonly [string, string], column: number): string {
  const x0 = size.left + column * (size.width + size.gap + size.left);
  const most = 1.15 * Math.max(...engines.flatMap(({ rows }) => rows.map((row) => fastestOf(row, figure))));
  const at = (row: Row): string => {
    const x = x0 + place(row.ports) * size.width;
    const y = size.top + size.height * (1 - fastestOf(row, figure) / most);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  };
  const bottom = size.top + size.height;
  const lines = engines.map(({ rows }, i) => {
    const dots = rows.map(
      (row) => `<circle cx="${at(row).replace(',', '" cy="')}" r="3" fill="${colours[i]}"/>`,
    );
    return `<polyline points="${rows.map(at).join(' ')}" fill="none" stroke="${colours[i]}" stroke-width="2"/>${dots.join('')}`;
  });
  const marks = [0, 1000, 10_000].map(
    (ports) =>
      `<text x="${x0 + place(ports) * size.width}" y="${bottom + 18}" text-anchor="middle">${ports}</text>`,
  );
  const digits = most < 1 ? 3 : 0;
  return `<text x="${x0}" y="${size.top - 12}" font-weight="600">${title}</text>
<path d="M${x0} ${size.top}V${bottom}H${x0 + size.width}" fill="none" stroke="#8a98a6"/>
<text x="${x0 - 5}" y="${size.top + 10}" text-anchor="end">${most.toFixed(digits)}</text><text x="${x0 - 5}" y="${bottom}" text-anchor="end">0</text>
${marks.join('')}${lines.join('\n')}`;
}

const width = figures.length * (size.width + size.gap + size.left) + size.gap;
const height = size.top + size.height + 56;
const legend = engines.map(
  ({ name }, i) =>
    `<text x="${size.left + i * 190}" y="${height - 8}" fill="${colours[i]}" font-weight="600">${name}</text>`,
);
console.log(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title text"
  font-family="ui-sans-serif, system-ui, 'Segoe UI', 'DejaVu Sans', Helvetica, Arial, sans-serif" font-size="12.5">
<title id="title">What published ports cost</title>
<desc id="text">Five plots by the number of published ports, from 0 to 10,000: a connection through the first port, one through the
last port, the processor time of a container with a port, creating a network, and connecting a container to a network.</desc>
<rect width="100%" height="100%" fill="#ffffff"/>
${figures.map(plot).join('\n')}
${legend.join('')}
</svg>`);
