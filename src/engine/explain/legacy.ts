/** The rule of iptables' legacy variant that drops probes: it is found by its counter, since no trace knows it. */
import { hasCode } from '../../errors.ts';
import { risen } from '../../explain/counters.ts';
import type { Drop } from '../../explain/evidence.ts';
import { makerOf } from '../../explain/rules.ts';
import type { Family } from '../../net/family.ts';
import type { Explaining } from './explaining.ts';

/** Counters now; '' where the host has no such rules, or more than are read in time. */
export async function legacyCountersOf(
  { kernel }: Pick<Explaining, 'kernel'>,
  family: Family,
): Promise<string> {
  try {
    return await kernel.inspect(kernel.host).legacyCounters(family);
  } catch (error) {
    if (hasCode(error, 'PROGRAM_SLOW', 'PROGRAM_FAILED')) return '';
    throw error;
  }
}

/** `before`: counters before so many probes were sent. */
export async function legacyDrops(
  core: Explaining,
  { family, before, probes }: { readonly family: Family; readonly before: string; readonly probes: number },
): Promise<readonly Drop[]> {
  if (before === '') return [];
  const found = risen(before, await legacyCountersOf(core, family), probes);
  if (!found) return [];
  const { chain, number, text } = found;
  const rule = { table: `${family === 4 ? 'ip' : 'ip6'} ${found.table}`, chain, number, text, reason: '' };
  return [{ place: 'host', isAnswer: false, isBridge: false, rule: { ...rule, owner: makerOf(rule) } }];
}
