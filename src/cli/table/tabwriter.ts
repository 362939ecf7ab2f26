/**
 * Go's text/tabwriter as Docker's client sets it up: cells end with tabs, a column is as wide as its widest
 * cell and three spaces, at least ten, and the last cell of a line is not part of a column.
 */

const minimum = 10;
const padding = 3;

const widthOf = (cell: string): number => [...cell].length;

/** Align tab-separated lines. A column is a run of neighbouring lines that have it. */
export function alignColumns(text: string): string {
  const lines = text.split('\n').map((line) => line.split('\t'));
  const widths = lines.map((cells) => cells.map(() => 0));
  const deepest = Math.max(...lines.map((cells) => cells.length));
  for (let column = 0; column < deepest - 1; column++) measure(lines, widths, column);
  return lines
    .map((cells, row) =>
      cells
        .map((cell, column) => (column === cells.length - 1 ? cell : padTo(cell, widths[row]?.[column] ?? 0)))
        .join(''),
    )
    .join('\n');
}

const padTo = (cell: string, width: number): string => cell + ' '.repeat(Math.max(0, width - widthOf(cell)));

function measure(lines: readonly string[][], widths: number[][], column: number): void {
  let start = 0;
  while (start < lines.length) {
    let end = start;
    let width = minimum;
    // Only cells that a tab ends count: all but the last of a line.
    while (end < lines.length && (lines[end]?.length ?? 0) - 1 > column) {
      width = Math.max(width, widthOf(lines[end]?.[column] ?? '') + padding);
      end++;
    }
    for (let row = start; row < end; row++) {
      const cells = widths[row];
      if (cells !== undefined) cells[column] = width;
    }
    start = Math.max(end, start + 1);
  }
}
