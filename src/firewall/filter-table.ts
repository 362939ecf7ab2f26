/** filter: which packets are forwarded. The layout of chains is that of Docker 28 and later. */
import { blockOfOne } from '../net/address.ts';
import {
  type Bridge,
  containerPorts,
  distinct,
  type FamilyInput,
  type Port,
  rule,
  type Target,
} from './family-input.ts';
import { forwardRules, internalRules, invalidRules } from './forward-rules.ts';
import type { LinkHole } from './input.ts';
import { onceEach } from './once.ts';
import { loopbackGuard } from './raw-table.ts';
import { jumpsOf, type Match, type Rule, type SharedRule, type TableRules, userChain } from './rules.ts';

export function filterTable(familyInput: FamilyInput): TableRules {
  const external = familyInput.bridges.filter(({ internal }) => !internal);
  const invalid = invalidRules(familyInput);
  const hasUnprotected = external.some(({ mode }) => mode === 'nat-unprotected');
  return {
    name: 'filter',
    own: [
      { name: 'DOCKER-FORWARD', rules: forwardRules(familyInput) },
      { name: 'DOCKER-INTERNAL', rules: internalRules(familyInput) },
      { name: 'DOCKER-CT', rules: external.map(established) },
      ...(invalid.length > 0 ? [{ name: 'SEAWAY-INVALID', rules: invalid }] : []),
      ...(hasUnprotected ? [{ name: othersChain, rules: external.map(keepOut) }] : []),
      { name: 'DOCKER-BRIDGE', rules: external.map(intoBridge) },
      {
        name: 'DOCKER',
        rules: [...doors(familyInput), ...external.flatMap((bridge) => remainder(bridge, familyInput))],
      },
    ],
    users: [userChain],
    shared: [...jumpsOf('filter', familyInput.family), ...loopbackGuards(familyInput)],
    policies: familyInput.settings.dropForwarded.includes(familyInput.family) ? { FORWARD: 'DROP' } : {},
  };
}

const othersChain = 'SEAWAY-OTHERS';

const keepOut = onceEach(({ link, name }: Bridge) =>
  rule({ in: link }, 'drop', `Containers of ${name} do not get into other networks.`),
);

const established = onceEach(({ link, name }: Bridge) =>
  rule(
    { out: link, state: ['related', 'established'] },
    'accept',
    `Answers to what ${name} began, and the rest of what was let in.`,
  ),
);

const intoBridge = onceEach(({ link, name }: Bridge) =>
  rule({ out: link }, { act: 'jump', chain: 'DOCKER' }, `What is to go into ${name}.`),
);

function doors(familyInput: FamilyInput): Rule[] {
  return [
    ...familyInput.addresses.flatMap((port) => guardByState(port, familyInput)),
    ...familyInput.targets.flatMap(door),
    ...familyInput.holes.flatMap(linkHole),
    ...(familyInput.family === 6
      ? distinct(familyInput.holes, ({ link }) => link).flatMap(neighbourDiscovery)
      : []),
  ];
}

/** In place of raw's guard where the network is not masqueraded: only rewritten packets may pass. */
function guardByState({ address, bridge }: Port, { targets }: FamilyInput): Rule[] {
  if (!bridge.guarded || bridge.masquerade) return [];
  const to = blockOfOne(address);
  const own = bridge.trusted.length > 0 ? targets.filter((port) => port.address === address) : [];
  const trusted = own.flatMap((target) =>
    bridge.trusted.map((link) =>
      rule(
        { to, in: link, out: bridge.link, protocol: target.protocol, dport: containerPorts(target) },
        'accept',
        `${link} is trusted to reach ${bridge.name} directly.`,
      ),
    ),
  );
  const drop = rule(
    { to, in: { not: bridge.link }, out: bridge.link, state: { not: ['dnat'] } },
    'drop',
    `${address} has published ports: they are reached by the host's addresses, not by the container's own.`,
  );
  return [...trusted, drop];
}

function door(target: Target): Rule[] {
  const { address, bridge, protocol } = target;
  if (bridge.mode === 'nat-unprotected') return [];
  return [
    rule(
      {
        to: blockOfOne(address),
        in: { not: bridge.link },
        out: bridge.link,
        protocol,
        dport: containerPorts(target),
      },
      'accept',
      publishedWhy(target),
    ),
  ];
}

const publishedWhy = ({ address, protocol, containerPort, containerPortEnd }: Target): string =>
  containerPortEnd === undefined
    ? `Port ${containerPort}/${protocol} of ${address} is published.`
    : `Ports ${containerPort} to ${containerPortEnd}/${protocol} of ${address} are published.`;

function linkHole({ link, from, to, protocol, port }: LinkHole): Rule[] {
  const between: Match = { in: link, out: link, protocol };
  return [
    rule(
      { from: blockOfOne(from), to: blockOfOne(to), ...between, dport: port },
      'accept',
      `A link lets ${from} reach port ${port}/${protocol} of ${to}.`,
    ),
    rule(
      { from: blockOfOne(to), to: blockOfOne(from), ...between, sport: port },
      'accept',
      `And lets ${to} answer ${from}.`,
    ),
  ];
}

/** Neighbour solicitation and advertisement (RFC 4861), without which no packet passes a hole. */
function neighbourDiscovery({ link }: LinkHole): Rule[] {
  return [135, 136].map((icmp6Type) =>
    rule(
      { in: link, out: link, protocol: 'icmp', icmp6Type },
      'accept',
      `Linked containers on ${link} have to find each other's link addresses.`,
    ),
  );
}

/** Rules for packets into a network that no published port has accepted. */
const remainder = onceEach(({ link, name, mode }: Bridge, { mark }: FamilyInput): readonly Rule[] => {
  const fromOthers: Match = { in: { not: link }, out: link };
  const marked = mark ? [rule({ ...fromOthers, mark }, 'accept', 'Packets with this mark pass.')] : [];
  if (mode === 'nat-unprotected')
    return [
      rule({ ...fromOthers, state: ['dnat'] }, 'accept', `Published ports of ${name} are for everyone.`),
      ...marked,
      rule(fromOthers, { act: 'jump', chain: othersChain }, `${name} is not open to other networks.`),
      rule(fromOthers, 'accept', `${name} is unprotected, as asked: all its ports are open.`),
    ];
  const ping = rule({ out: link, protocol: 'icmp' }, 'accept', `${name} is routed: it answers pings.`);
  const drop = rule(
    fromOthers,
    'drop',
    `Nothing else gets into ${name}, from outside or from other networks.`,
  );
  return [...(mode === 'routed' ? [ping] : []), ...marked, drop];
});

/** In place of raw's guard of the same purpose where the raw table is not used. */
const loopbackGuards = ({ family, settings, bridges }: FamilyInput): SharedRule[] =>
  family === 4 && settings.noRawTable ? bridges.filter(({ rewrites }) => rewrites).map(guardLoopback) : [];

const guardLoopback = onceEach(
  (bridge: Bridge): SharedRule => ({ chain: 'INPUT', place: 'head', rule: loopbackGuard(bridge) }),
);
