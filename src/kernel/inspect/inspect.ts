/** Implements `Inspector`. */
import { hasCode, messageOf } from '../../errors.ts';
import type { Namespace } from '../kernel.ts';
import { runNftables } from '../netfilter/nftables.ts';
import { answering } from './answering.ts';
import { arrive } from './arrive.ts';
import type { Inspector } from './contract.ts';
import { legacyCounters } from './legacy.ts';
import { linkState, portTowards, queues } from './links.ts';
import { listening } from './listening.ts';
import { neighbours, routeTo } from './lookup.ts';
import { openProbe } from './probe.ts';
import { openTrace } from './trace.ts';
import { canBeWritten } from './trace-table.ts';

export const inspect = (namespace: Namespace): Inspector => ({
  routeTo: (question) => routeTo(namespace, question),
  linkState: (name) => linkState(namespace, name),
  portTowards: (bridge, mac) => portTowards(namespace, { bridge, mac }),
  queues: () => queues(namespace),
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
  if (!canBeWritten(name)) return '';
  try {
    return namespace.inside(() => runNftables(`list table ${family} ${name}`, { handles: true }));
  } catch (error) {
    // a table may be named like a word of nft's language
    if (hasCode(error, 'KERNEL') && /No such file|syntax error/.test(messageOf(error))) return '';
    throw error;
  }
}
