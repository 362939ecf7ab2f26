/** The `until` filter of prunes: only what is older goes. */
import { fail } from '../../errors.ts';
import type { Filters } from '../filters.ts';
import { parseTimestamp } from '../timestamps.ts';

/** A test of creation times (milliseconds since the epoch). Throws BAD_REQUEST. */
export function prunesBefore(filters: Filters): (created: number) => boolean {
  const [text, ...more] = filters.values('until');
  if (more.length > 0) throw fail('BAD_REQUEST', 'more than one until filter specified');
  if (text === undefined) return () => true;
  const limit = Number(parseTimestamp(text, Date.now()) / 1_000_000n);
  return (created) => created < limit;
}
