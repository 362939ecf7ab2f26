/**
 * Ports that obey the host's firewall (policy `host`). The first packet of a connection passes the host's INPUT rules
 * untranslated. One that they accept is sent through a pair of links, and rewritten only when it comes back; connection
 * tracking rewrites the others (docs/decisions/048-ports-behind-input.md).
 */
import { type Family, familyOf } from '../net/family.ts';
import type { RulesetObject } from '../objects/object.ts';
import { isAnyHost } from './family-input.ts';
import { type FirewallInput, obeyLinks, type PublishedPort } from './input.ts';

export const obeyRuleset = 'seaway-obey';

/** Addresses that packets are sent to on the link `into`: no host has them. */
export const obeyTargets = { 4: '169.254.99.1', 6: 'fe80::99' } as const;

/** Address of the link `back`: without one, reverse path filtering would drop what comes back. */
export const obeyAddress = '169.254.99.2/32';

/**
 * Strict filters of reverse paths drop what arrives by a link that does not lead back to its sender. Those that look at marks, as
 * firewalld's does (`fib saddr . mark . iif`), are shown the mark of a routing table that leads back by the link. It is gone before
 * the packet is routed.
 */
export const obeyMark = 0x5ea_0be1;
export const obeyTable = 9_400;
/** Before raw (-300), and behind all other rules of prerouting. */
const marking = { first: -320, last: 500 } as const;

/** Behind filter (0), firewalld (10) and security (50), so that all rules of the host come first. */
const behind = 300;

/** Undefined where no port obeys. */
export function obeyTables(
  { ports, bridges }: FirewallInput,
  families: readonly Family[],
): RulesetObject | undefined {
  const rewriting = new Map(bridges.map((bridge) => [bridge.link, bridge]));
  const obeying = ports.filter(({ policy, link, address, hostPort }) => {
    const mode = rewriting.get(link)?.families[familyOf(address)]?.mode;
    return policy === 'host' && hostPort !== 0 && (mode === 'nat' || mode === 'nat-unprotected');
  });
  const tables: { ip?: string; ip6?: string } = {};
  for (const family of families) {
    const some = obeying.filter(({ address }) => familyOf(address) === family);
    if (some.length > 0) tables[family === 4 ? 'ip' : 'ip6'] = tableOf(family, some);
  }
  if (!tables.ip && !tables.ip6) return undefined;
  return { kind: 'ruleset', ns: 'host', name: obeyRuleset, tables, flows: [] };
}

function tableOf(family: Family, ports: readonly PublishedPort[]): string {
  const ip = family === 4 ? 'ip' : 'ip6';
  const type = family === 4 ? 'ipv4_addr' : 'ipv6_addr';
  const everywhere = ports.filter(({ hostIP }) => isAnyHost(hostIP)).map(portOf);
  const somewhere = ports
    .filter(({ hostIP }) => !isAnyHost(hostIP))
    .map((port) => `${port.hostIP} . ${portOf(port)}`);
  const round = `dup to ${obeyTargets[family]} device "${obeyLinks.into}" drop`;
  return `${setOf('ports', 'inet_proto . inet_service', everywhere)}${setOf('places', `${type} . inet_proto . inet_service`, somewhere)}  chain late {
    type filter hook input priority ${behind}; policy accept;
    iifname "lo" accept
    ct state != new accept
    meta l4proto . th dport @ports goto round
    ${ip} daddr . meta l4proto . th dport @places goto round
  }
  chain arriving {
    type filter hook prerouting priority ${marking.first}; policy accept;
    iifname "${obeyLinks.back}" meta mark 0 meta mark set ${obeyMark}
  }
  chain arrived {
    type filter hook prerouting priority ${marking.last}; policy accept;
    iifname "${obeyLinks.back}" meta mark ${obeyMark} meta mark set 0
  }
  chain round {
    iifname "${obeyLinks.back}" drop
    ${round}
  }
`;
}

const portOf = ({ protocol, hostPort, hostPortEnd = hostPort }: PublishedPort): string =>
  `${protocol} . ${hostPort === hostPortEnd ? hostPort : `${hostPort}-${hostPortEnd}`}`;

function setOf(name: string, type: string, elements: readonly string[]): string {
  const all = elements.length > 0 ? `    elements = { ${elements.join(', ')} }\n` : '';
  return `  set ${name} {\n    type ${type}; flags interval;\n${all}  }\n`;
}
