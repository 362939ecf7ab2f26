/** What the resolver has counted. */
import { setTimeout as delay } from 'node:timers/promises';
import type { DnsCounts } from '../resolver/tally.ts';
import type { Core } from './core.ts';

/** Milliseconds that the resolver is given to tell its counts. */
const patience = 1_000;

/** Undefined where the resolver does not run or does not answer. */
export async function dnsCounts(resolver: Pick<Core['resolver'], 'counts'>): Promise<DnsCounts | undefined> {
  const late = new AbortController();
  const counts = await Promise.race([
    resolver.counts().catch(() => undefined),
    delay(patience, undefined, { signal: late.signal }),
  ]);
  late.abort();
  return counts;
}
