/** The chains that drop packets before anything else is done with them. */
import type { FirewallInput, SecureTunnelsLink } from '../input.ts';
import { type NftChain, type NftRule, rule, toHost, toPort, type Words } from './words.ts';

/** Before packets are tracked or rewritten. */
export function arrivingChains({ tunnels, secureTunnels }: FirewallInput, words: Words): readonly NftChain[] {
  const { family, ip, mark } = words;
  const secure = secureTunnels?.family === family ? secureTunnels : undefined;
  const isOpen = tunnels?.family === family;
  return [
    {
      name: 'arriving',
      base: 'type filter hook prerouting priority -290; policy accept;',
      rules: [
        ...(secure ? [inClear(secure)] : []),
        ...(tunnels && isOpen ? [intoTunnel(tunnels.port)] : []),
        ...(family === 4 ? loopbackRules : []),
        rule(
          `${ip} daddr @guarded jump guard`,
          "Published ports are reached by the host's addresses, not by the container's own.",
        ),
      ],
    },
    {
      name: 'guard',
      rules: [
        rule(
          `iifname . ${ip} daddr @direct return`,
          'Neighbours and trusted links reach containers directly.',
        ),
        ...(mark ? [rule(`${mark} return`, 'Packets with this mark pass into any network.')] : []),
        rule('drop', 'Nobody else does.'),
      ],
    },
    ...(isOpen ? [tunnel(ip)] : []),
    ...(secure ? [sentInClear(secure)] : []),
  ];
}

const inClear = ({ link, port }: SecureTunnelsLink): NftRule =>
  rule(
    `iifname != "${link}" udp dport ${port} ${toHost} drop`,
    'Frames of encrypted networks are not taken in clear.',
  );

const intoTunnel = (port: number): NftRule =>
  rule(`udp dport ${port} ${toHost} jump tunnel`, 'Frames of overlay networks arrive by this port.');

const loopbackRules = [
  rule(
    'ip daddr 127.0.0.0/8 iifname @rewriting drop',
    "route_localnet is on for published ports on loopback: containers must not reach the host's loopback by it.",
  ),
  rule(
    `iifname != "lo" ip daddr . ${toPort} @loopback drop`,
    'A neighbour on the wire could send to 127.0.0.1 too.',
  ),
  rule(`iifname != "lo" ip daddr . ${toPort} @loopback-ranges drop`, 'The same for ranges.'),
];

/** Frames that come to this port get into a network, so only hosts of the cluster may send them. */
const tunnel = (ip: string): NftChain => ({
  name: 'tunnel',
  rules: [
    rule('iifname @links drop', 'A container could pass itself off as another host.'),
    rule(`${ip} saddr @hosts return`, 'Hosts of the cluster.'),
    rule('drop', 'All others have no part in overlay networks.'),
  ],
});

const sentInClear = ({ link, port }: SecureTunnelsLink): NftChain => ({
  name: 'sending',
  base: 'type filter hook output priority raw; policy accept;',
  rules: [
    rule(
      `oifname != "${link}" udp dport ${port} drop`,
      'Frames of encrypted networks are not sent in clear.',
    ),
  ],
});
