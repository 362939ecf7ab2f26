/** The `until` filter of prunes: only older objects are removed. */
import { fail } from '../../errors.ts';
import type { Filters } from '../filters.ts';
import { parseTimestamp } from '../timestamps.ts';

/** A test of creation times (milliseconds since the epoch). Throws BAD_REQUEST. */
export function prunesBefore(filters: Filters): (created: number) => boolean {
  const [text, ...more] = filters.values('until');
  if (more.length > 0) throw fail('BAD_REQUEST', 'more than one until filter specified');
  return text === undefined ? () => true : before(text);
}

function before(text: string): (created: number) => boolean {
  const limit = Number(parseTimestamp(text, Date.now()) / 1_000_000n);
  return (created) => created < limit;
}

/** The same for a list, which may be given several. Throws BAD_REQUEST. */
export function olderThanAll(filters: Filters): (created: number) => boolean {
  const limits = filters.values('until').map(before);
  return (created) => limits.every((isBefore) => isBefore(created));
}
