/** From what was observed to one cause. The order is that of certainty. */
import { apartCause, internalCause, isolationCause, parentCause, publishedCause } from './between.ts';
import type { Cause, CauseCode } from './causes.ts';
import { differenceCause } from './differences.ts';
import { placeOf } from './ends.ts';
import type { Evidence } from './evidence.ts';
import { lookedCause, sameMacCause } from './links.ts';
import { backlogCause, listenerCause } from './listeners.ts';
import { policyCause } from './policies.ts';
import { dropCause, redirectedCause } from './rules.ts';
import { claimantCause, hiddenCause, mtuCause, nobodyCause, silentCause } from './way.ts';

export const isAnswered = (result: Evidence['result']): boolean =>
  result === 'connected' || result === 'answered';

/** A datagram that nobody answers has arrived where the receiver takes it. */
function isDelivered({ target, result, passages, listeners, drops }: Evidence): boolean {
  if (target.protocol !== 'udp' || result !== 'silent' || drops.length > 0) return false;
  const arrived = passages.some(({ place, hook }) => place === 'receiver' && hook === 'input');
  return arrived && listeners !== undefined;
}

/** Of a packet that leaves this host, more cannot be seen here. */
function hasLeft({ to, passages, drops, target, result }: Evidence): boolean {
  if (to.kind !== 'outside' || target.protocol !== 'udp' || result !== 'silent' || drops.length > 0)
    return false;
  return passages.some(
    ({ place, hook, isAnswer }) => place === 'host' && hook === 'postrouting' && !isAnswer,
  );
}

/** Whether the receiver is reached. */
export const reaches = (evidence: Evidence): boolean =>
  isAnswered(evidence.result) ||
  (isDelivered(evidence) && listenerCause(evidence) === undefined) ||
  hasLeft(evidence);

/** Undefined where nothing is wrong. */
export function diagnose(evidence: Evidence): Cause | undefined {
  if (reaches(evidence))
    return (
      claimantCause(evidence) ?? sameMacCause(evidence) ?? redirectedCause(evidence) ?? mtuCause(evidence)
    );
  return (
    decidedByRecords(evidence) ??
    claimantCause(evidence) ??
    redirectedCause(evidence) ??
    nobodyCause(evidence) ??
    refusedCause(evidence) ??
    hiddenCause(evidence) ??
    dropCause(evidence) ??
    differenceCause(evidence) ??
    listenerCause(arrivedOr(evidence)) ??
    backlogCause(evidence) ??
    sameMacCause(evidence) ??
    lookedCause(evidence) ??
    silentCause(evidence) ??
    otherwise(evidence)
  );
}

/** Codes of what is left where nothing better was found. */
const lastResorts: readonly CauseCode[] = ['no-answer', 'refused', 'underlay-blocked'];

/** Whether it is worth to look further. */
export const isUnsure = (cause: Cause | undefined): boolean =>
  cause !== undefined && lastResorts.includes(cause.code) && cause.rule === undefined;

const decidedByRecords = (evidence: Evidence): Cause | undefined =>
  policyCause(evidence) ?? apartCause(evidence) ?? heldBackCause(evidence) ?? publishedCause(evidence);

/** A refusal comes from the receiver itself: its network has not held the packet back. */
const heldBackCause = (evidence: Evidence): Cause | undefined =>
  evidence.result === 'refused'
    ? undefined
    : (internalCause(evidence) ?? isolationCause(evidence) ?? parentCause(evidence));

/** A rule may refuse as the receiver does (REJECT). */
const refusedCause = (evidence: Evidence): Cause | undefined =>
  evidence.result !== 'refused' || evidence.drops.some(({ isAnswer }) => !isAnswer)
    ? undefined
    : listenerCause(evidence);

/** Who listens matters only where packets have arrived. */
function arrivedOr(evidence: Evidence): Evidence {
  const arrived = evidence.passages.some(({ place, hook }) => place === 'receiver' && hook === 'input');
  if (arrived || evidence.result === 'refused') return evidence;
  const { listeners: _, ...rest } = evidence;
  return rest;
}

function otherwise({ to, result, reason, address, target, echoed }: Evidence): Cause {
  const at = placeOf(to);
  const pinged =
    echoed && target.port !== undefined ? ` on port ${target.port}, though it answers pings` : '';
  if (result === 'refused' && (to.kind === 'peer' || to.kind === 'service') && target.port !== undefined)
    return {
      ...{ code: 'nobody-listens', at },
      sentence: `nobody listens on port ${target.port}/${target.protocol} in ${at}: it refuses the connection`,
      cure: `look there why its program does not: seaway logs ${to.name}`,
    };
  if (result === 'refused')
    return {
      ...{ code: 'refused', at },
      sentence: `${address} refuses it${target.port === undefined ? '' : `: nobody listens on port ${target.port}/${target.protocol} there`}`,
      cure: `look whether the program at ${address} runs`,
    };
  return {
    ...{ code: 'no-answer', at },
    sentence: `${address} does not answer${reason === '' ? '' : ` (${reason})`}${pinged}, and nothing on this host stops it`,
    cure: `look at ${address} itself, and at what lies between it and this host`,
  };
}
