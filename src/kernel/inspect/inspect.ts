/** Implements `Inspector`. */
import type { Namespace } from '../kernel.ts';
import { answering } from './answering.ts';
import { arrive } from './arrive.ts';
import type { Inspector } from './contract.ts';
import { legacyCounters } from './legacy.ts';
import { linkState, portTowards, queues } from './links.ts';
import { listening } from './listening.ts';
import { neighbours, routeTo } from './lookup.ts';
import { openProbe } from './probe.ts';
import { rulesOf } from './rules.ts';
import { openTrace } from './trace.ts';

export const inspect = (namespace: Namespace): Inspector => ({
  routeTo: (question) => routeTo(namespace, question),
  linkState: (name) => linkState(namespace, name),
  portTowards: (bridge, mac) => portTowards(namespace, { bridge, mac }),
  queues: () => queues(namespace),
  neighbours: (link) => neighbours(namespace, link),
  listening: () => listening(namespace),
  answering: (question) => answering(namespace, question),
  trace: (options) => openTrace(namespace, options),
  rulesOf: (chain) => rulesOf(namespace, chain),
  legacyCounters: (family) => legacyCounters(namespace, family),
  openProbe: (options) => openProbe(namespace, options),
  arrive: (arrival) => arrive(namespace, arrival),
});
