/** The way of the packet as stations, from the records and what was seen. */
import { bare } from '../net/address.ts';
import { commonNetworks, type End, placeOf, tunnelPort } from './ends.ts';
import type { Evidence, Passage } from './evidence.ts';
import type { Hop } from './explanation.ts';

type Seen = Pick<Passage, 'place' | 'hook'>;

export function pathOf(evidence: Evidence, reached: boolean): readonly Hop[] {
  const hops = [senderHop(evidence), ...between(evidence), receiverHop(evidence)];
  const answer = answerHop(evidence, reached);
  const states = statesOf([...hops, answer]);
  return [...hops, answer].map(({ at, what }, index) => ({ at, what, state: states[index] ?? 'unseen' }));
}

interface Station {
  readonly at: string;
  readonly what: string;
  readonly seen: boolean;
}

/** All before the last one that was seen were passed; the next one is where it stopped. */
function statesOf(stations: readonly Station[]): readonly Hop['state'][] {
  const last = stations.findLastIndex(({ seen }) => seen);
  return stations.map((_, index) => (index <= last ? 'passed' : index === last + 1 ? 'stopped' : 'unseen'));
}

const has = ({ passages }: Evidence, ...wanted: readonly Seen[]): boolean =>
  wanted.some(({ place, hook }) =>
    passages.some((each) => !each.isAnswer && each.place === place && each.hook === hook),
  );

function linksOf(end: End): string {
  if (end.kind !== 'container') return end.kind === 'outside' ? end.address : '';
  return end.endpoints
    .map(({ ifname, addresses }) => `${ifname} ${addresses.map(bare).join(' ')}`)
    .join(', ');
}

function senderHop(evidence: Evidence): Station {
  const { from } = evidence;
  if (from.kind === 'outside') return { at: 'outside', what: linksOf(from), seen: true };
  const place = from.kind === 'host' ? 'host' : 'sender';
  return {
    at: placeOf(from),
    what: linksOf(from),
    seen: has(evidence, { place, hook: 'output' }, { place, hook: 'postrouting' }),
  };
}

function between(evidence: Evidence): readonly Station[] {
  const { view, from, to, mapping } = evidence;
  const [common] = commonNetworks(view, evidence);
  const arrived = has(evidence, { place: 'receiver', hook: 'prerouting' });
  if (common && !mapping) {
    const { network } = common;
    const onHost = evidence.passages.some(
      (each) => !each.isAnswer && (each.place === 'host' || each.place === 'network'),
    );
    const station = {
      at: `network ${network.name}`,
      what: [network.driver, network.link].filter(Boolean).join(' '),
    };
    if (to.kind !== 'peer') return [{ ...station, seen: arrived || onHost }];
    return [
      { ...station, seen: has(evidence, { place: 'network', hook: 'prerouting' }) || onHost },
      {
        at: `tunnel to ${to.node?.name ?? to.peer.nodeId}`,
        what: tunnelPort(view, evidence),
        seen: evidence.echoed,
      },
    ];
  }
  if (from.kind === 'host' && to.kind === 'host') return [];
  return [hostHop(evidence)];
}

function hostHop(evidence: Evidence): Station {
  const { passages, mapping, from } = evidence;
  const through = passages.filter(({ place, isAnswer }) => place === 'host' && !isAnswer);
  const hooks = [...new Set(through.map(({ hook }) => hook))].join(', ');
  const translated = mapping ? `${mapping.hostPort} -> ${mapping.address}:${mapping.containerPort}` : '';
  const links = [
    ...new Set(through.flatMap(({ from: arriving, to: leaving }) => [arriving, leaving])),
  ].filter(Boolean);
  const done = has(
    evidence,
    { place: 'host', hook: from.kind === 'host' ? 'postrouting' : 'forward' },
    { place: 'host', hook: 'input' },
  );
  return {
    at: 'this host',
    what: [links.join(' -> '), hooks, translated].filter(Boolean).join('; '),
    seen: done,
  };
}

function receiverHop(evidence: Evidence): Station {
  const { to, result } = evidence;
  const place = to.kind === 'host' ? 'host' : 'receiver';
  const good = result === 'connected' || result === 'answered' || result === 'refused';
  return {
    at: placeOf(to),
    what: linksOf(to),
    seen: good || has(evidence, { place, hook: 'input' }),
  };
}

const answerHop = ({ result, from }: Evidence, reached: boolean): Station => ({
  at: `the answer at ${from.name}`,
  what: words[result],
  seen: reached || result === 'refused',
});

const words = {
  connected: 'a connection',
  answered: 'an answer',
  refused: 'a refusal',
  failed: 'an error',
  silent: 'none',
} as const;
