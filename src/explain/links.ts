/** Causes in links, bridges, queues and neighbour tables, which no rule and no record shows. Pure. */
import type { Cause } from './causes.ts';
import { placeOf } from './ends.ts';
import type { Evidence, Looked } from './evidence.ts';

/** Two with one MAC address: frames for both go to the one that has sent last. */
export function sameMacCause({ sameMac }: Evidence): Cause | undefined {
  if (!sameMac) return undefined;
  const { of, other, mac } = sameMac;
  return {
    ...{ code: 'duplicate-address', at: 'its network' },
    sentence: `container ${other} has the MAC address of ${of} (${mac}) too, so the bridge sends frames for both to one of them`,
    cure: `give ${other} another MAC address: run it again without --mac-address`,
  };
}

export function lookedCause(evidence: Evidence): Cause | undefined {
  const { looked } = evidence;
  if (!looked) return undefined;
  return (
    loopbackCause(evidence) ??
    deadCause(looked) ??
    portCause(looked) ??
    mistakenCause(looked) ??
    backCause(evidence) ??
    ruledCause(evidence) ??
    queueCause(looked) ??
    unansweredCause(looked)
  );
}

function loopbackCause({ looked, from }: Evidence): Cause | undefined {
  if (!looked?.loopbackDown) return undefined;
  return { ...loopbackDown(placeOf(from)), at: placeOf(from) };
}

export const loopbackDown = (at: string): Cause => ({
  ...{ code: 'link-down', at },
  sentence: `link lo in ${at} is down`,
  cure: 'seaway doctor --fix puts it back',
});

function deadCause({ dead: [first] }: Looked): Cause | undefined {
  if (!first) return undefined;
  const { link, up } = first;
  return {
    ...{ code: 'link-down', at: 'this host' },
    sentence: up
      ? `link ${link} of this host has no carrier: nothing is at its other end`
      : `link ${link} of this host is down`,
    cure: up ? `look at the cable or the other end of ${link}` : `ip link set ${link} up`,
  };
}

function portCause({ ports: [first] }: Looked): Cause | undefined {
  if (!first) return undefined;
  const { container, link, state, instead, holder } = first;
  const named = { code: 'bridge-port', at: 'this host' } as const;
  if (instead !== '')
    return {
      ...named,
      sentence: `the bridge sends frames for ${container} to port ${instead}${holder === '' ? '' : `, which is ${holder}'s`}, not to its port ${link}`,
      cure: `bridge fdb show dev ${instead}; delete the entry of ${container}'s MAC address`,
    };
  return {
    ...named,
    sentence: `port ${link} of ${container} passes no frames: its state in the bridge is ${state}`,
    cure: `bridge link set dev ${link} state 3`,
  };
}

function mistakenCause({ mistaken: [first] }: Looked): Cause | undefined {
  if (!first) return undefined;
  const { by, address, link, mac, rightful } = first;
  return {
    ...{ code: 'foreign-neighbour', at: by },
    sentence: `the neighbour table of ${by} has ${mac} for ${address}, which is at ${rightful}`,
    cure: `delete the entry there: ip neighbour delete ${address} dev ${link}`,
  };
}

function unansweredCause({ unanswered: [first] }: Looked): Cause | undefined {
  if (!first) return undefined;
  const { by, address, link, why } = first;
  const question = address.includes(':') ? 'neighbour solicitation' : 'ARP';
  return {
    ...{ code: 'no-neighbour', at: by },
    sentence: `nobody answers when ${by} asks for ${address} on ${link} (${question})${why === '' ? '' : `: ${why}`}`,
    cure: `look whether the holder of ${address} is there and answers ${question}`,
  };
}

function backCause({ looked, to }: Evidence): Cause | undefined {
  const back = looked?.noRouteBack;
  if (!back) return undefined;
  return {
    ...{ code: 'route-missing', at: placeOf(to) },
    sentence: `${to.name} has no route back to ${back.to} (${back.refused})`,
    cure: `ip route get ${back.to} and ip rule, in ${to.name}`,
  };
}

function ruledCause({ looked, from }: Evidence): Cause | undefined {
  const ruled = looked?.ruled;
  if (!ruled) return undefined;
  const { refused, link, usual } = ruled;
  return {
    ...{ code: 'subnet-hidden', at: 'this host' },
    sentence:
      refused === ''
        ? `the host's rules for routes (ip rule) send packets of ${from.name} out by ${link || 'no link'}, others by ${usual}`
        : `the host's rules for routes (ip rule) prohibit packets of ${from.name} (${refused})`,
    cure: 'ip rule; remove the rule that covers its subnet',
  };
}

/** Queues of filters, which may send packets anywhere. */
const filtering: readonly string[] = ['clsact', 'ingress'];

function queueCause({ queues }: Looked): Cause | undefined {
  const dropping = queues.find(({ dropped }) => dropped > 0);
  const found = dropping ?? queues.find(({ kind }) => filtering.includes(kind));
  if (!found) return undefined;
  const { at, link, kind, dropped } = found;
  return {
    ...{ code: 'traffic-control', at },
    sentence: dropping
      ? `the queue ${kind} of link ${link} (tc) of ${at} has dropped ${dropped} packets meanwhile`
      : `link ${link} of ${at} has filters of tc (${kind}), which probably take the packets`,
    cure: `tc -s qdisc show dev ${link}; tc qdisc delete dev ${link} ${filtering.includes(kind) ? kind : 'root'}`,
  };
}
