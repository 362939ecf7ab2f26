/** The chains that rewrite addresses. */
import { type FirewallInput, obeyLinks } from '../input.ts';
import { type NftChain, type NftRule, rule, toHost, toPort, type Words } from './words.ts';

export function rewritingChains({ family, ip }: Words): readonly NftChain[] {
  const maps = (behind: string): readonly NftRule[] => [
    rule(
      `dnat ${ip} to ${ip} daddr . ${toPort} map @${behind}addressed`,
      'A port on one address of the host.',
    ),
    rule(`dnat ${ip} to ${toPort} map @${behind}published`, 'A port on every address of the host.'),
    rule(
      `dnat ${ip} to ${ip} daddr . ${toPort} map @${behind}addressed-ranges`,
      'Ranges come after single ports.',
    ),
    rule(`dnat ${ip} to ${toPort} map @${behind}published-ranges`, 'Ranges come after single ports.'),
  ];
  const fromHost = family === 4 ? toHost : `${toHost} ip6 daddr != ::1`;
  return [
    { name: 'publish', rules: maps('') },
    { name: 'publish-behind', rules: maps('behind-') },
    {
      name: 'prerouting',
      base: 'type nat hook prerouting priority dstnat; policy accept;',
      rules: [
        rule(
          `${toHost} jump publish`,
          'What arrives for an address of this host may be for a published port.',
        ),
        rule(
          `iifname "${obeyLinks.back}" ${toHost} jump publish-behind`,
          "What comes back by this link has been let in by the host's own rules.",
        ),
      ],
    },
    {
      name: 'output',
      base: 'type nat hook output priority -100; policy accept;',
      rules: [
        rule(
          `${fromHost} jump publish`,
          'What this host sends to one of its own addresses may be for a published port too.',
        ),
        rule(`${fromHost} jump publish-behind`, 'The host itself reaches its ports in any case.'),
      ],
    },
  ];
}

export function leavingChain({ settings }: FirewallInput, { family, ip }: Words): NftChain {
  const home = `${ip} saddr . oifname @homes`;
  return {
    name: 'postrouting',
    base: 'type nat hook postrouting priority srcnat; policy accept;',
    rules: [
      ...(family === 4
        ? [
            rule(
              'ip saddr 127.0.0.0/8 oifname @rewriting masquerade',
              'The host reaches published ports by loopback: containers must see an address that they can answer.',
            ),
          ]
        : []),
      ...(settings.bridgeNetfilter
        ? family === 6
          ? [
              rule(
                `${home} oifname @apart ct status dnat masquerade`,
                'Neighbours that are kept apart cannot look for each other, so that no answer would come.',
              ),
            ]
          : []
        : [
            rule(
              `${home} ct status dnat masquerade`,
              'Without br_netfilter the answer of a neighbour on the same bridge would not come back this way.',
            ),
          ]),
      rule(
        `${ip} saddr . ${ip} daddr @hairpins masquerade`,
        'A container that reaches its own published port must not see itself as the sender.',
      ),
      rule(`${home} return`, 'What stays in its network keeps its address.'),
      rule(`snat ${ip} to ${ip} saddr map @sources`, 'What leaves gets the address that was asked for.'),
      rule(
        `${ip} saddr @masqueraded masquerade`,
        'What leaves gets the address of the link that it leaves by.',
      ),
    ],
  };
}
