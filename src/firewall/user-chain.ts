/** The user's chain of iptables, as the nftables backend makes it: what it drops is dropped with either backend. */
import type { Family } from '../net/family.ts';
import type { FirewallInput } from './input.ts';
import type { Lists } from './once.ts';
import { jumpsOf, type Ruleset, userChain } from './rules.ts';

/** Has the parameters of `planFirewall`. */
export function planUserChain(_input: FirewallInput, family: Family, _lists?: Lists): Ruleset {
  const jumps = jumpsOf('filter', family).filter(
    ({ rule }) => 'chain' in rule.verdict && rule.verdict.chain === userChain,
  );
  return {
    family,
    tables: [{ name: 'filter', own: [], users: [userChain], shared: jumps, policies: {} }],
  };
}
