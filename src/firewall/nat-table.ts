/** nat: DNAT for published ports, masquerading for packets that leave. */
import { blockOfOne } from '../net/address.ts';
import {
  type Bridge,
  containerPorts,
  type FamilyInput,
  hostPorts,
  inWords,
  isAnyHost,
  isLoopback,
  type Port,
  rule,
  type Target,
} from './family-input.ts';
import { obeyLinks } from './input.ts';
import { onceEach } from './once.ts';
import { jumpsOf, type Match, type Rule, type SharedRule, type TableRules } from './rules.ts';

export function natTable(familyInput: FamilyInput): TableRules {
  const ports = familyInput.ports.filter(({ bridge }) => bridge.rewrites);
  const leaving = [
    ...familyInput.bridges.flatMap((bridge) => rewriteSource(bridge, familyInput)),
    ...familyInput.targets
      .filter(({ bridge }) => bridge.rewrites)
      .map(hairpin)
      .map(onLeaving),
  ];
  return {
    name: 'nat',
    own: [{ name: 'DOCKER', rules: ports.flatMap((port) => publish(port, familyInput)) }],
    users: [],
    shared: [...jumpsOf('nat', familyInput.family), ...leaving],
    policies: {},
  };
}

const onLeaving = (each: Rule): SharedRule => ({ chain: 'POSTROUTING', place: 'tail', rule: each });

/** Without `! -i bridge`: there is no proxy process, so neighbours and the container itself use this rule too. */
function publish(port: Port, familyInput: FamilyInput): Rule[] {
  const { hostIP, hostPort, protocol, address, containerPort, link } = port;
  // the kernel never forwards ::1, so a rewrite could not work
  if (familyInput.family === 6 && isLoopback(hostIP)) return [];
  const match: Match = {
    ...(isAnyHost(hostIP) ? {} : { to: blockOfOne(hostIP) }),
    protocol,
    dport: hostPorts(port),
  };
  const where = isAnyHost(hostIP) ? 'every address of the host' : hostIP;
  const [from, to] = [hostPorts(port), containerPorts(port)].map(inWords);
  const last = port.containerPortEnd;
  const lead = last === undefined ? 'leads' : 'lead';
  const why = `${from}/${protocol} on ${where} ${lead} to ${to?.toLowerCase()} of ${address} on ${link}.`;
  const span = last === undefined ? {} : { span: { last, from: hostPort } };
  const rewrite = { act: 'dnat', address, port: containerPort, ...span } as const;
  if (port.policy !== 'host') return [rule(match, rewrite, why)];
  return [
    rule({ ...match, in: obeyLinks.back }, rewrite, `${why} The host's own rules have let it in.`),
    rule({ ...match, out: 'lo' }, rewrite, `${why} The host itself reaches it in any case.`),
  ];
}

const rewriteSource = onceEach((bridge: Bridge, { family, settings }: FamilyInput): readonly SharedRule[] => {
  if (!bridge.rewrites) return [];
  const { link, name, subnets } = bridge;
  const rules: Rule[] = [];
  if (bridge.masquerade) rules.push(...subnets.map((subnet) => masquerade(subnet, bridge)));
  if (family === 4)
    rules.push(
      rule(
        { from: '127.0.0.0/8', out: link },
        { act: 'masquerade' },
        `The host reaches published ports of ${name} by loopback: containers must see an address that they can answer.`,
      ),
    );
  const why = whyNoAnswer(bridge, { family, settings });
  if (why !== undefined)
    rules.push(
      ...subnets.map((from) => rule({ from, out: link, state: ['dnat'] }, { act: 'masquerade' }, why)),
    );
  return rules.map(onLeaving);
});

/** Why neighbours that come by a published port must not be answered directly; undefined where they can be. */
function whyNoAnswer(
  { icc }: Bridge,
  { family, settings }: Pick<FamilyInput, 'family' | 'settings'>,
): string | undefined {
  if (!settings.bridgeNetfilter)
    return 'Without br_netfilter the answer of a neighbour on the same bridge would not come back this way.';
  return icc || family === 4
    ? undefined
    : 'Neighbours that are kept apart cannot look for each other, so that no answer would come.';
}

function masquerade(from: string, { link, name, source }: Bridge): Rule {
  const match: Match = { from, out: { not: link } };
  return source === ''
    ? rule(
        match,
        { act: 'masquerade' },
        `What leaves ${name} gets the address of the link that it leaves by.`,
      )
    : rule(
        match,
        { act: 'snat', address: source },
        `What leaves ${name} gets the address ${source}, as asked.`,
      );
}

function hairpin(target: Target): Rule {
  const { address, protocol } = target;
  return rule(
    { from: blockOfOne(address), to: blockOfOne(address), protocol, dport: containerPorts(target) },
    { act: 'masquerade' },
    `${address} may reach its own published port by the host's address: it must not see itself as the sender.`,
  );
}
