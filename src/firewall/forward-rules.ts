/** What the networks send: out of them, within them, and not at all where they are internal. */
import type { BridgeNetwork } from './input.ts';
import { onceEach } from './once.ts';
import type { Rule } from './rules.ts';
import { type Bridge, rule, type Sight } from './sight.ts';

const jump = (chain: string, why: string): Rule => rule({}, { act: 'jump', chain }, why);

const jumps = [
  jump('DOCKER-CT', 'Most packets belong to connections that have been let through.'),
  jump('DOCKER-INTERNAL', 'Internal networks are closed before anything is opened.'),
  jump('DOCKER-BRIDGE', 'What goes into a network.'),
];

export function forwardRules(sight: Sight): Rule[] {
  return [
    ...jumps,
    ...sight.bridges.flatMap(sending),
    ...sight.closed.filter(({ icc }) => !icc).map(keptApart),
  ];
}

/** What a network sends has not been refused by the network that it goes to. */
const sending = onceEach((bridge: Bridge): readonly Rule[] => {
  const { link, name, icc, internal } = bridge;
  const within = { in: link, out: link };
  if (internal && icc) return [rule(within, 'accept', `Containers of ${name} reach each other.`)];
  if (internal) return [keptApart(bridge)];
  if (icc) return [rule({ in: link }, 'accept', `Containers of ${name} reach each other and the world.`)];
  return [
    rule(
      { ...within, state: ['dnat'] },
      'accept',
      `Published ports are for everyone, neighbours on ${name} among them.`,
    ),
    keptApart(bridge),
    rule({ in: link, out: { not: link } }, 'accept', `Containers of ${name} reach the world.`),
  ];
});

function keptApart({ link, name }: Pick<BridgeNetwork, 'link' | 'name'>): Rule {
  return rule({ in: link, out: link }, 'drop', `Containers of ${name} are kept apart (enable_icc=false).`);
}

export function internalRules(sight: Sight): Rule[] {
  return [
    ...sight.bridges.filter(({ internal }) => internal).flatMap((bridge) => closing(bridge, bridge.subnets)),
    ...sight.closed.filter(({ internal }) => internal).flatMap((network) => closing(network, [])),
  ];
}

/** By subnet, as Docker does it; by link where a network has several subnets or none of this family. */
function closing({ link, name }: Pick<BridgeNetwork, 'link' | 'name'>, subnets: readonly string[]): Rule[] {
  const [subnet, ...others] = subnets;
  const into = `${name} is internal: nothing from elsewhere gets in.`;
  const outOf = `${name} is internal: nothing gets out.`;
  if (subnet === undefined || others.length > 0)
    return [
      rule({ in: { not: link }, out: link }, 'drop', into),
      rule({ in: link, out: { not: link } }, 'drop', outOf),
    ];
  return [
    rule({ from: { not: subnet }, out: link }, 'drop', into),
    rule({ to: { not: subnet }, in: link }, 'drop', outOf),
  ];
}
