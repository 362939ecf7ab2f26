/** The chains that decide what is forwarded. */
import type { FirewallInput, MeshLink } from '../input.ts';
import { known, type NftChain, type NftRule, rule, toPort, type Words } from './words.ts';

export function forwardingChains(input: FirewallInput, words: Words): readonly NftChain[] {
  const { settings, mesh } = input;
  const { family, ip } = words;
  const policy = settings.dropForwarded.includes(family) ? 'drop' : 'accept';
  return [
    {
      name: 'forward',
      base: `type filter hook forward priority filter; policy ${policy};`,
      rules: [
        rule('iifname . oifname @within goto inside', 'Between containers of one network.'),
        rule('oifname @internal drop', 'Nothing from elsewhere gets into an internal network.'),
        rule('iifname @internal drop', 'Nothing gets out of it.'),
        rule(`oifname @networks ${known} accept`, 'Answers, and the rest of what was let in.'),
        rule(
          `ct state invalid ${ip} saddr @hidden ${ip} saddr . oifname != @homes drop`,
          "What is left of a closed connection must not leave with the container's own address.",
        ),
        rule(
          `${ip} saddr . ${ip} daddr @segments accept`,
          "Packets within a plugin's bridge are the plugin's business.",
        ),
        ...(mesh ? intoMesh(mesh) : []),
        rule('oifname @networks goto enter', 'What goes into a network.'),
        rule('iifname @networks accept', 'Containers reach the world.'),
      ],
    },
    inside(words),
    enter(words),
    {
      name: 'by-state',
      rules: [
        rule(`iifname . ${ip} daddr . ${toPort} @trusted accept`, 'A trusted link reaches ports directly.'),
        rule(`iifname . ${ip} daddr . ${toPort} @trusted-ranges accept`, 'Ranges of them, too.'),
        rule('ct status & dnat != dnat drop', "Others reach them by the host's addresses."),
      ],
    },
  ];
}

function inside({ family, ip, icmp }: Words): NftChain {
  return {
    name: 'inside',
    rules: [
      rule('oifname != @apart accept', 'Neighbours reach each other.'),
      rule('oifname @internal drop', 'Unless they are kept apart (enable_icc=false).'),
      rule(`${known} accept`, 'Answers to what was let through.'),
      rule(`oifname @routed meta l4proto ${icmp} accept`, 'Routed networks answer pings.'),
      rule('ct status dnat accept', 'Published ports are for everyone, neighbours among them.'),
      rule(`${ip} saddr . ${ip} daddr . ${toPort} @holes accept`, 'A link leads to its ports.'),
      rule(`${ip} daddr . ${ip} saddr . meta l4proto . th sport @holes accept`, 'They answer who is linked.'),
      ...(family === 6
        ? [
            rule(
              'oifname @linked icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept',
              "Linked containers have to find each other's link addresses.",
            ),
          ]
        : []),
      rule('drop', 'Containers are kept apart (enable_icc=false).'),
    ],
  };
}

function enter({ ip, icmp, mark }: Words): NftChain {
  return {
    name: 'enter',
    rules: [
      rule(`${ip} daddr @guarded-by-state jump by-state`, "Ports are reached by the host's addresses."),
      rule(`oifname . ${ip} daddr . ${toPort} @doors accept`, 'A published or open port.'),
      rule(`oifname . ${ip} daddr . ${toPort} @door-ranges accept`, 'One of a range of them.'),
      rule(
        'oifname @unprotected iifname != @links accept',
        'All ports of an unprotected network are open, as asked, but not to other networks.',
      ),
      rule('oifname @unprotected ct status dnat accept', 'Those reach its published ports.'),
      rule(`oifname @routed meta l4proto ${icmp} accept`, 'Routed networks answer pings.'),
      ...(mark ? [rule(`${mark} accept`, 'Packets with this mark pass.')] : []),
      rule('drop', 'Nothing else gets in, from outside or from other networks.'),
    ],
  };
}

/** Only connections that the mesh has given a task pass, and what answers them. */
const intoMesh = ({ link, tasks }: MeshLink): readonly NftRule[] => [
  rule(`iifname "${link}" ct status dnat accept`, 'Another node of the swarm hands a connection over.'),
  rule(
    `oifname "${link}" ct status dnat accept`,
    'A connection is handed over to another node of the swarm.',
  ),
  ...(tasks
    ? [rule(`oifname "${tasks}" ct status dnat accept`, 'A port of the swarm has a task here.')]
    : []),
];
