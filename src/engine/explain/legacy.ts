/** The rule of iptables' legacy variant that drops probes: it is found by its counter, since no trace knows it. */
import { risen } from '../../explain/counters.ts';
import type { Drop } from '../../explain/evidence.ts';
import { makerOf } from '../../explain/rules.ts';
import type { Family } from '../../net/family.ts';
import { type Explaining, inspectorOf } from './explaining.ts';

/** Probes that are sent to see a counter rise. */
const probes = 3;

/** `send` sends one probe. None where the host has no such rules. */
export async function legacyDrops(
  core: Explaining,
  { family, send }: { readonly family: Family; readonly send: () => Promise<unknown> },
): Promise<readonly Drop[]> {
  const { legacyCounters } = inspectorOf(core, core.kernel.host);
  const before = await legacyCounters(family);
  if (before === '') return [];
  await Promise.all(Array.from({ length: probes }, send));
  const found = risen(before, await legacyCounters(family), probes);
  if (!found) return [];
  const { chain, number, text } = found;
  const rule = { table: `${family === 4 ? 'ip' : 'ip6'} ${found.table}`, chain, number, text, reason: '' };
  return [{ place: 'host', isAnswer: false, isBridge: false, rule: { ...rule, owner: makerOf(rule) } }];
}
