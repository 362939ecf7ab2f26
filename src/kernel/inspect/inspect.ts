/** Implements `Inspector`. */
import { fail, hasCode, messageOf } from '../../errors.ts';
import type { Namespace } from '../kernel.ts';
import { runNftables } from '../netfilter/nftables.ts';
import { answering } from './answering.ts';
import { arrive } from './arrive.ts';
import type { Inspector } from './contract.ts';
import { legacyCounters } from './legacy.ts';
import { listening } from './listening.ts';
import { neighbours, routeTo } from './lookup.ts';
import { openProbe } from './probe.ts';
import { openTrace } from './trace.ts';

export const inspect = (namespace: Namespace): Inspector => ({
  routeTo: (question) => routeTo(namespace, question),
  neighbours: (link) => neighbours(namespace, link),
  listening: () => listening(namespace),
  answering: (question) => answering(namespace, question),
  trace: (options) => openTrace(namespace, options),
  rulesOf: (table) => rulesOf(namespace, table),
  legacyCounters: (family) => legacyCounters(namespace, family),
  openProbe: (options) => openProbe(namespace, options),
  arrive: (arrival) => arrive(namespace, arrival),
});

function rulesOf(
  namespace: Namespace,
  { family, name }: { readonly family: string; readonly name: string },
): string {
  if (!/^[\w.-]+$/.test(name)) throw fail('BUG', `a table named ${name}`);
  try {
    return namespace.inside(() => runNftables(`list table ${family} ${name}`, { handles: true }));
  } catch (error) {
    if (hasCode(error, 'KERNEL') && messageOf(error).includes('No such file')) return '';
    throw error;
  }
}
