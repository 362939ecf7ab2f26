/** Results in a file: a line for each row of cells, in the order of the cells. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Cell, cells, columnOf, keyOf, rowOf } from './cells.ts';

/** A word for each cell by its key: the address that the server sees, or `-` and why there is no answer. */
export type Results = ReadonlyMap<string, string>;

/** Who has been asked; an engine answers the same with each of its backends. */
export type Subject = 'seaway' | 'docker';

const fileOf = (subject: Subject): string => join(import.meta.dirname, 'recorded', `${subject}.txt`);

/** Without those that Docker has no form of `-p` or no policy for. */
export const cellsOf = (subject: Subject): readonly Cell[] =>
  subject === 'seaway'
    ? cells
    : cells.filter(({ mode, binding }) => mode.input === undefined && binding.name !== 'interface');

export function writeRecord(subject: Subject, results: Results): void {
  const lines = Array.from(Map.groupBy(cellsOf(subject), rowOf), ([row, own]) => {
    const words = own.map((cell) => `${columnOf(cell)} ${results.get(keyOf(cell))}`);
    return `${row}: ${words.join(', ')}`;
  });
  writeFileSync(fileOf(subject), `${lines.join('\n')}\n`);
}

export function readRecord(subject: Subject): Results {
  const file = fileOf(subject);
  const results = new Map<string, string>();
  for (const line of existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []) {
    const at = line.lastIndexOf(': ');
    for (const word of at < 0 ? [] : line.slice(at + 2).split(', ')) {
      const [column = '', ...value] = word.split(' ');
      results.set(`${line.slice(0, at)} | ${column}`, value.join(' '));
    }
  }
  return results;
}
