/** Firewall marks as users write them. */
import { parseUint32 } from '../go/strconv.ts';
import type { Match } from './rules.ts';

/** `1`, `0x1` or `0x1/0xff`; '' for none. Throws a plain `Error` for other text. */
export function parseMark(text: string): Match['mark'] {
  if (text === '') return undefined;
  const slash = text.indexOf('/');
  if (slash < 0) return { value: parseUint32(text) };
  return { value: parseUint32(text.slice(0, slash)), mask: parseUint32(text.slice(slash + 1)) };
}
