/** Rules for packets that networks send. */

import { type Bridge, type FamilyInput, rule } from './family-input.ts';
import type { BridgeNetwork, MeshLink, Segment } from './input.ts';
import { onceEach } from './once.ts';
import type { Rule } from './rules.ts';

const jump = (chain: string, why: string): Rule => rule({}, { act: 'jump', chain }, why);

const intoInternal = jump('DOCKER-INTERNAL', 'Internal networks are closed before anything is opened.');
const known = jump('DOCKER-CT', 'Most packets belong to connections that have been let through.');
const intoBridges = jump('DOCKER-BRIDGE', 'What goes into a network.');

const intoInvalid = rule(
  { state: ['invalid'] },
  { act: 'jump', chain: 'SEAWAY-INVALID' },
  'Packets of no known connection are never masqueraded.',
);

export function forwardRules(familyInput: FamilyInput): Rule[] {
  return [
    intoInternal,
    known,
    ...(familyInput.bridges.some(hidesAddresses) ? [intoInvalid] : []),
    ...familyInput.segments.flatMap(within),
    ...(familyInput.mesh ? intoMesh(familyInput.mesh) : []),
    intoBridges,
    ...familyInput.bridges.flatMap(sending),
    ...familyInput.closed.filter(({ icc }) => !icc).map(isolation),
  ];
}

/** Only connections that the mesh has given a task pass, and what answers them. */
const intoMesh = ({ link, tasks }: MeshLink): Rule[] => [
  rule({ in: link, state: ['dnat'] }, 'accept', 'Another node of the swarm hands a connection over.'),
  rule({ out: link, state: ['dnat'] }, 'accept', 'A connection is handed over to another node of the swarm.'),
  ...(tasks
    ? [
        rule(
          { in: { not: tasks }, out: tasks, state: ['dnat'] },
          'accept',
          'A port of the swarm has a task here.',
        ),
      ]
    : []),
];

/** Accepts traffic within bridges of plugins, which a DROP policy of FORWARD would stop. */
const within = ({ name, subnets }: Segment): Rule[] =>
  subnets.flatMap((from) =>
    subnets.map((to) =>
      rule(
        { from, to, bridged: true },
        'accept',
        `What stays within a bridge of ${name} is its driver's business.`,
      ),
    ),
  );

/** Comes after the rules of the receiving networks, which may have dropped the packet. */
const sending = onceEach((bridge: Bridge): readonly Rule[] => {
  const { link, name, icc, internal } = bridge;
  const within = { in: link, out: link };
  if (internal && icc) return [rule(within, 'accept', `Containers of ${name} reach each other.`)];
  if (internal) return [isolation(bridge)];
  if (icc) return [rule({ in: link }, 'accept', `Containers of ${name} reach each other and the world.`)];
  return [
    rule(
      { ...within, state: ['dnat'] },
      'accept',
      `Published ports are for everyone, neighbours on ${name} among them.`,
    ),
    isolation(bridge),
    rule({ in: link, out: { not: link } }, 'accept', `Containers of ${name} reach the world.`),
  ];
});

function isolation({ link, name }: Pick<BridgeNetwork, 'link' | 'name'>): Rule {
  return rule({ in: link, out: link }, 'drop', `Containers of ${name} are kept apart (enable_icc=false).`);
}

/** Whether the network's addresses must not leave the host. In other modes they may be routed. */
const hidesAddresses = ({ mode, rewrites, masquerade }: Bridge): boolean =>
  rewrites && masquerade && mode === 'nat';

/** Stops packets that nat would masquerade if they belonged to a connection. */
export const invalidRules = (familyInput: FamilyInput): Rule[] =>
  familyInput.bridges.filter(hidesAddresses).flatMap(stopInvalid);

const stopInvalid = onceEach(({ link, name, subnets }: Bridge): readonly Rule[] =>
  subnets.map((from) =>
    rule(
      { from, out: { not: link } },
      'drop',
      `What is left of a closed connection must not leave ${name} with the container's own address.`,
    ),
  ),
);

export function internalRules(familyInput: FamilyInput): Rule[] {
  return [
    ...familyInput.bridges.filter(({ internal }) => internal).flatMap(closing),
    ...familyInput.closed.filter(({ internal }) => internal).flatMap(closing),
  ];
}

/** By link and not by subnet, as in Docker: sources can be forged, and neighbour discovery uses other addresses. */
const closing = ({ link, name }: Pick<BridgeNetwork, 'link' | 'name'>): Rule[] => [
  rule({ in: { not: link }, out: link }, 'drop', `${name} is internal: nothing from elsewhere gets in.`),
  rule({ in: link, out: { not: link } }, 'drop', `${name} is internal: nothing gets out.`),
];
