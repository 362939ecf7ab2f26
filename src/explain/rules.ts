/** The rule that has dropped a packet: its text and place, whose it is, and what it means. Pure. */
import { userChain } from '../firewall/rules.ts';
import type { Cause, DecidingRule } from './causes.ts';
import { placeOf, tunnelPort } from './ends.ts';
import type { Drop, Evidence } from './evidence.ts';

/** A rule as nft lists it. */
export interface ListedRule {
  /** From 1. */
  readonly number: number;
  readonly text: string;
}

/** Finds a rule in what `nft -a list table` prints; undefined where it is gone. */
export function findRule(
  listing: string,
  { chain, handle }: { readonly chain: string; readonly handle: number },
): ListedRule | undefined {
  let here = '';
  let number = 0;
  for (const line of listing.split('\n')) {
    const opened = /^\tchain (\S+) \{/.exec(line)?.[1];
    if (opened !== undefined) {
      here = opened.replaceAll('"', '');
      number = 0;
      continue;
    }
    const [, text = '', found] = /^\t\t(.*) # handle (\d+)$/.exec(line) ?? [];
    if (found === undefined || here !== chain) continue;
    number++;
    if (Number(found) === handle) return { number, text: plain(text) };
  }
  return undefined;
}

/** Without counters. */
const plain = (text: string): string =>
  text
    .replace(/\bcounter packets \d+ bytes \d+\s*/g, '')
    .replace(/\s+/g, ' ')
    .trim();

/** Who makes chains and tables of such names. */
const makers: readonly (readonly [RegExp, string])[] = [
  [/^ufw6?-/i, 'ufw'],
  [/firewalld/i, 'firewalld'],
  [/^(IN|FWD|FWDI|FWDO|OUT|POST|PRE)_/, 'firewalld'],
  [/^(KUBE|CNI|CALI|cali|FLANNEL|cilium)/i, 'Kubernetes'],
  [/^LIBVIRT_/, 'libvirt'],
  [/^f2b-/, 'fail2ban'],
  [/^nixos-fw/, 'the firewall of NixOS'],
  [/^(ts-|tailscale)/i, 'Tailscale'],
  [/^DOCKER-USER$/, 'the administrator of this host'],
  [/^(DOCKER|SEAWAY)/, 'another engine'],
  [/^(podman|NETAVARK)/i, 'Podman'],
  [/^shorewall|^(net|loc|fw)2/, 'Shorewall'],
];

/** The program that has probably made a rule of others; `the administrator` where its names say nothing. */
export function makerOf({ table, chain }: Pick<DecidingRule, 'table' | 'chain'>): string {
  const name = table.split(' ')[1] ?? '';
  return (
    makers.find(([names]) => names.test(chain) || names.test(name))?.[1] ?? 'the administrator of this host'
  );
}

/** `rule 3 of chain INPUT (ip filter)`, or the policy. */
export const ruleText = ({ table, chain, number }: DecidingRule): string =>
  number === 0 ? `the policy of chain ${chain} (${table})` : `rule ${number} of chain ${chain} (${table})`;

export function dropCause(evidence: Evidence): Cause | undefined {
  const drop = evidence.drops.find(({ isAnswer }) => !isAnswer) ?? evidence.drops[0];
  return drop && causeOf(drop, evidence);
}

function causeOf(drop: Drop, evidence: Evidence): Cause {
  const { rule, place } = drop;
  const what = dropped(drop);
  if (place === 'sender' || place === 'receiver') {
    const at = placeOf(place === 'sender' ? evidence.from : evidence.to);
    return {
      ...{ code: 'container-firewall', at, rule },
      sentence: `${ruleText(rule)} in ${at} drops ${what}`,
      cure: `remove the rule in ${at}`,
    };
  }
  if (rule.chain === userChain)
    return {
      ...{ code: 'docker-user', at: 'this host', rule },
      sentence: `rule ${rule.number} of chain DOCKER-USER drops ${what}: ${rule.text}`,
      cure: removal(rule),
    };
  if (isTunnel(evidence, drop))
    return {
      ...{ code: 'underlay-blocked', at: 'this host', rule },
      sentence: `${ruleText(rule)} drops what goes through the tunnel between the hosts (port ${tunnelPort(evidence.view, evidence)})`,
      cure: removal(rule),
    };
  if (rule.owner === '') return ownCause(rule, what);
  return {
    ...{ code: 'host-firewall', at: 'this host', rule },
    sentence: `the host's firewall drops ${what}: ${ruleText(rule)}, of ${rule.owner}`,
    cure: removal(rule),
  };
}

/** What the rule has dropped. */
function dropped({ isAnswer, isNeighbour, isQueued }: Drop): string {
  if (isNeighbour) return 'questions for the neighbour, without whose answer nothing is sent';
  const what = isAnswer ? 'the answer' : 'the packet';
  return isQueued ? `${what}, which it leaves to a program that does not let it pass` : what;
}

/** The packet was sent elsewhere before anything else could be done with it. */
export function redirectedCause({ redirected, to, target }: Evidence): Cause | undefined {
  if (!redirected) return undefined;
  const { rule } = redirected;
  return {
    ...{ code: 'redirected', at: 'this host', rule },
    sentence: `${ruleText(rule)}, of ${rule.owner}, sends what is for ${to.name}${target.port === undefined ? '' : `, port ${target.port},`} to ${redirected.to}`,
    cure: removal(rule),
  };
}

/** What was sent to a peer is dropped on the host, where only the tunnel's own packets pass. */
const isTunnel = ({ to }: Evidence, { place, isBridge }: Drop): boolean =>
  (to.kind === 'peer' || to.kind === 'service') && place === 'host' && !isBridge;

function ownCause(rule: DecidingRule, what: string): Cause {
  const why = rule.reason || 'of the engine';
  return {
    ...{ code: 'own-rule', at: 'this host', rule },
    sentence: `a rule of the engine drops ${what}: ${why.replace(/\.$/, '')}`,
    cure: 'publish the port, or put both on one network',
  };
}

/** Deletes a rule by its place, as the table's own tool does. */
function removal({ table, chain, number }: DecidingRule): string {
  const [family = '', name = ''] = table.split(' ');
  const isIptables = /^(ip6?)$/.test(family) && /^(filter|nat|mangle|raw|security)$/.test(name);
  if (isIptables) {
    const command = family === 'ip6' ? 'ip6tables' : 'iptables';
    return number === 0
      ? `${command} -t ${name} -P ${chain} ACCEPT`
      : `${command} -t ${name} -D ${chain} ${number}`;
  }
  return `nft -a list chain ${table} ${chain}, then nft delete rule ${table} ${chain} handle N`;
}
