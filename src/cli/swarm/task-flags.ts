/** The flags of commands that list tasks. */
import { filterFlag, formatFlag, switchFlag } from '../flags/flag.ts';

export const taskFlags = {
  filter: filterFlag('Filter output based on conditions provided'),
  format: formatFlag('Pretty-print tasks using a Go template'),
  noResolve: switchFlag('no-resolve', 'Do not map IDs to Names'),
  noTrunc: switchFlag('no-trunc', 'Do not truncate output'),
  quiet: switchFlag('quiet', 'Only display task IDs', { short: 'q' }),
};
