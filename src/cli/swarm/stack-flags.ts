/** Flags of `stack`. */
import { commaListFlag } from '../flags/flag.ts';

export const composeFlag = commaListFlag(
  'compose-file',
  'Path to a Compose file, or "-" to read from stdin',
  { short: 'c' },
);
