/** Rules of the firewall that name a network or a container, with their reasons. */
import type { FirewallInput } from '../../firewall/input.ts';
import { iptablesText } from '../../firewall/iptables/text.ts';
import { chainsOf } from '../../firewall/nftables/chains.ts';
import { elementGroups } from '../../firewall/nftables/elements.ts';
import { elementText, shapeOf, tableName } from '../../firewall/nftables/sets.ts';
import { Lists } from '../../firewall/once.ts';
import { planFirewall } from '../../firewall/plan.ts';
import { hostLinksOf } from '../../model/host-links.ts';
import type { View } from '../../model/tables.ts';
import { bare } from '../../net/address.ts';
import { type Family, families } from '../../net/family.ts';
import type { FirewallBackend } from '../../reconcile/filter/choose.ts';
import type { MapRule } from '../map-verbs.ts';

/** Links, subnets and addresses by which rules name it. */
export type Names = readonly string[];

export function namesOfNetwork(view: View, id: string): Names {
  const network = view.get('networks', id);
  if (!network) return [];
  return [...hostLinksOf(view.drivers, network), ...network.ipam.pools.map(({ subnet }) => subnet)];
}

/** Of its own rules, not of those of its networks. */
export function namesOfContainer(view: View, id: string): Names {
  const sandbox = view.sandboxOfContainer(id);
  const endpoints = sandbox ? view.endpointsOfSandbox(sandbox.id) : [];
  return endpoints.flatMap(({ addresses, hostLink }) => [
    ...addresses.map(bare),
    ...(hostLink === '' ? [] : [hostLink]),
  ]);
}

export function rulesNaming(
  names: Names,
  input: FirewallInput,
  backend: FirewallBackend,
): readonly MapRule[] {
  if (names.length === 0) return [];
  const isNamed = naming(names);
  const rulesOf = backend === 'nftables' ? nftRules : iptablesRules;
  return families.flatMap((family) => rulesOf(input, family).filter(({ text }) => isNamed(text)));
}

/** Whether a text has one of the names as a whole word. */
export function naming(names: Names): (text: string) => boolean {
  const words = names.map((name) => name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const patterns = words.map((word) =>
    word.includes(':')
      ? new RegExp(`(?<![\\w:.])${word}(?![\\w:.])`)
      : new RegExp(`(?<![\\w:.-])${word}(?![\\w.-])`),
  );
  return (text) => patterns.some((pattern) => pattern.test(text));
}

const familyName = (family: Family): string => (family === 4 ? 'ip' : 'ip6');

function iptablesRules(input: FirewallInput, family: Family): readonly MapRule[] {
  return planFirewall(input, family).tables.flatMap(({ name, own, shared }) => {
    const table = `${familyName(family)} ${name}`;
    const inOwn = own.flatMap((chain) => chain.rules.map((rule) => ({ chain: chain.name, rule })));
    return [...shared, ...inOwn].map(({ chain, rule }) => ({
      ...{ table, chain, text: iptablesText(rule, family), why: rule.why },
    }));
  });
}

function nftRules(input: FirewallInput, family: Family): readonly MapRule[] {
  const table = `${familyName(family)} ${tableName}`;
  const elements = elementGroups(input, family, new Lists()).flat();
  return [
    ...elements.map((element) => ({
      ...{ table, chain: `set ${element.set}`, text: elementText(element), why: shapeOf(element.set).why },
    })),
    ...chainsOf(input, family).flatMap(({ name, rules }) =>
      rules.map(({ text, why }) => ({ table, chain: name, text, why })),
    ),
  ];
}
