/** Parts of the rules of all chains. */
import type { Family } from '../../net/family.ts';
import { parseMark } from '../mark.ts';

export interface NftRule {
  /** In the words of nft(8). */
  readonly text: string;
  /** A sentence that says why the rule exists. */
  readonly why: string;
}

export interface NftChain {
  readonly name: string;
  /** Hook, priority and policy of a chain that the kernel calls; absent for one that is jumped to. */
  readonly base?: string;
  readonly rules: readonly NftRule[];
}

/** Words that differ between families and settings. */
export interface Words {
  readonly family: Family;
  readonly ip: 'ip' | 'ip6';
  readonly icmp: 'icmp' | 'ipv6-icmp';
  /** Packets with the mark that is accepted into any network. */
  readonly mark: string | undefined;
}

export const wordsOf = (family: Family, acceptFwmark: string): Words => ({
  family,
  ip: family === 4 ? 'ip' : 'ip6',
  icmp: family === 4 ? 'icmp' : 'ipv6-icmp',
  mark: markText(acceptFwmark),
});

function markText(text: string): string | undefined {
  const mark = parseMark(text);
  if (!mark) return undefined;
  const hex = (value: number): string => `0x${value.toString(16)}`;
  return mark.mask === undefined
    ? `meta mark ${hex(mark.value)}`
    : `meta mark & ${hex(mark.mask)} == ${hex(mark.value)}`;
}

/** Shorthand for a rule. */
export const rule = (text: string, why: string): NftRule => ({ text, why });

/** The port that a packet goes to, as in keys of sets. */
export const toPort = 'meta l4proto . th dport';

/** Packets of connections that were let through. */
export const known = 'ct state established,related';

/** Packets to an address of this host. */
export const toHost = 'fib daddr type local';
