/** raw: drops packets before they are tracked or rewritten. */
import { blockOfOne } from '../net/address.ts';
import {
  type Bridge,
  type FamilyInput,
  hostPorts,
  inWords,
  isLoopback,
  type Port,
  rule,
} from './family-input.ts';
import { onceEach } from './once.ts';
import { type Rule, type SharedRule, type TableRules, tunnelJump } from './rules.ts';

export function rawTable(familyInput: FamilyInput): TableRules {
  if (familyInput.settings.noRawTable) return { name: 'raw', own: [], users: [], shared: [], policies: {} };
  const rules = [
    ...familyInput.addresses.flatMap((port) => guardAddress(port, familyInput)),
    ...familyInput.ports.filter(({ bridge }) => bridge.rewrites).flatMap(guardLoopbackPort),
  ];
  const shared = [
    ...rules.map(onArrival),
    ...(familyInput.family === 4
      ? familyInput.bridges.filter(({ rewrites }) => rewrites).map(guardLoopback)
      : []),
  ];
  const { tunnels, secureTunnels } = familyInput;
  const all = [...(secureTunnels ? secureRules(secureTunnels) : []), ...shared];
  if (!tunnels) return { name: 'raw', own: [], users: [], shared: all, policies: {} };
  const own = [{ name: 'SEAWAY-TUNNEL', rules: tunnelRules(tunnels) }];
  return { name: 'raw', own, users: [], shared: [tunnelJump(tunnels.port), ...all], policies: {} };
}

/** Whatever becomes of the encrypted link, its routes and addresses. */
function secureRules({ link, port }: NonNullable<FamilyInput['secureTunnels']>): readonly SharedRule[] {
  const to = { protocol: 'udp', dport: port } as const;
  const not = { not: link };
  return [
    {
      chain: 'PREROUTING',
      place: 'tail',
      rule: rule(
        { ...to, in: not, toHost: true },
        'drop',
        'Frames of encrypted networks are not taken in clear.',
      ),
    },
    {
      chain: 'OUTPUT',
      place: 'tail',
      rule: rule({ ...to, out: not }, 'drop', 'Nor are they sent in clear.'),
    },
  ];
}

/** Anybody else could put frames into a network by this port. */
const tunnelRules = ({ links, from }: NonNullable<FamilyInput['tunnels']>): readonly Rule[] => [
  ...links.map((link) =>
    rule({ in: link }, 'drop', `A container on ${link} could pass itself off as another host.`),
  ),
  ...from.map((address) => rule({ from: blockOfOne(address) }, 'accept', 'A host of the cluster.')),
  rule({}, 'drop', 'All others have no part in overlay networks.'),
];

const onArrival = (each: Rule): SharedRule => ({ chain: 'PREROUTING', place: 'tail', rule: each });

/**
 * A published port is accepted in the filter table; this keeps others from reaching it by the container's
 * own address. Where nothing is masqueraded, replies come to that address as well, so there the filter
 * table does it by connection state.
 */
function guardAddress({ address, bridge }: Port, { mark }: FamilyInput): Rule[] {
  if (!bridge.guarded || !bridge.masquerade) return [];
  const to = blockOfOne(address);
  const trusted = bridge.trusted.map((link) =>
    rule({ to, in: link }, 'accept', `${link} is trusted to reach ${bridge.name} directly.`),
  );
  const marked = mark ? [rule({ to, mark }, 'accept', 'Packets with this mark pass into any network.')] : [];
  const drop = rule(
    { to, in: { not: bridge.link } },
    'drop',
    `${address} has published ports: they are reached by the host's addresses, not by the container's own.`,
  );
  return [...trusted, ...marked, drop];
}

function guardLoopbackPort(port: Port): Rule[] {
  const { hostIP, hostPortEnd, protocol } = port;
  if (!isLoopback(hostIP)) return [];
  const dport = hostPorts(port);
  return [
    rule(
      { to: blockOfOne(hostIP), in: { not: 'lo' }, protocol, dport },
      'drop',
      `${inWords(dport)} ${hostPortEnd === undefined ? 'is' : 'are'} published for this host alone: a neighbour on the wire could send to ${hostIP} too.`,
    ),
  ];
}

const guardLoopback = onceEach((bridge: Bridge) => onArrival(loopbackGuard(bridge)));

export const loopbackGuard = ({ link, name }: Bridge): Rule =>
  rule(
    { to: '127.0.0.0/8', in: link },
    'drop',
    `route_localnet is on for ${name}, so that the host reaches published ports by loopback; its containers must not reach the host's loopback by it.`,
  );
