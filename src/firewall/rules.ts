/**
 * Rules as data. A rule says what it matches and what becomes of the packet, in no backend's syntax;
 * `iptables-text.ts` prints them. Names of chains are Docker's, so that what users have written about
 * and against Docker's chains (DOCKER-USER above all) stays true.
 */
import type { Family } from '../net/family.ts';

export type TableName = 'raw' | 'mangle' | 'filter' | 'nat';

/** The order in which a packet meets the tables, and in which they are changed: guards before doors. */
export const tableNames: readonly TableName[] = ['raw', 'mangle', 'filter', 'nat'];

export type Test<T> = T | { readonly not: T };

export type Transport = 'tcp' | 'udp' | 'sctp';

/** States of conntrack; `invalid`: of no connection that it knows; `dnat`: the destination was rewritten. */
export type FlowState = 'new' | 'related' | 'established' | 'invalid' | 'dnat';

/** What a packet must be like; all that is named must hold. */
export interface Match {
  /** CIDR. */
  readonly from?: Test<string>;
  readonly to?: Test<string>;
  /** Link names. */
  readonly in?: Test<string>;
  readonly out?: Test<string>;
  /** `icmp` stands for the family's own. */
  readonly protocol?: Transport | 'icmp';
  /** Of ICMPv6 (RFC 4861 and the IANA registry); IPv6 only. */
  readonly icmp6Type?: number;
  readonly sport?: number;
  readonly dport?: number;
  /** A TCP segment that opens a connection (SYN without RST). */
  readonly opening?: true;
  readonly state?: Test<readonly FlowState[]>;
  /** The destination is an address of this host. */
  readonly toHost?: true;
  /** It is passed on within one bridge, and seen here because of br_netfilter. */
  readonly bridged?: true;
  readonly mark?: { readonly value: number; readonly mask?: number };
}

export type Verdict =
  | { readonly act: 'accept' }
  | { readonly act: 'drop' }
  | { readonly act: 'jump'; readonly chain: string }
  | { readonly act: 'dnat'; readonly address: string; readonly port: number }
  | { readonly act: 'snat'; readonly address: string }
  | { readonly act: 'masquerade' }
  | { readonly act: 'clampMss' };

export interface Rule {
  readonly match: Match;
  readonly verdict: Verdict;
  /** A sentence for people: why the rule is there. */
  readonly why: string;
}

/** A chain that is ours alone: exactly these rules, in this order. */
export interface OwnChain {
  readonly name: string;
  readonly rules: readonly Rule[];
}

/** A rule in a chain that others write to as well. */
export interface SharedRule {
  readonly chain: string;
  /** `head`: before anything else, in the order given. `tail`: anywhere, in the order given. */
  readonly place: 'head' | 'tail';
  readonly rule: Rule;
}

export interface TableRules {
  readonly name: TableName;
  readonly own: readonly OwnChain[];
  /** Chains that have to exist, whose content is the user's. */
  readonly users: readonly string[];
  readonly shared: readonly SharedRule[];
  /** Policies that have to be; a chain that is not named keeps its own. */
  readonly policies: Readonly<Record<string, 'ACCEPT' | 'DROP'>>;
}

/** All that the engine wants of one family's packet filter. Tables that are not named get nothing. */
export interface Ruleset {
  readonly family: Family;
  readonly tables: readonly TableRules[];
}

/** Names that are the engine's in each table, wanted or not: what is left over is removed. */
export const ownChainNames: Readonly<Record<TableName, readonly string[]>> = {
  raw: [],
  mangle: ['SEAWAY-MSS'],
  filter: ['DOCKER', 'DOCKER-BRIDGE', 'DOCKER-CT', 'DOCKER-FORWARD', 'DOCKER-INTERNAL', 'SEAWAY-INVALID'],
  nat: ['DOCKER'],
};

export const userChain = 'DOCKER-USER';

const jump = (match: Match, chain: string, why: string): Rule => ({
  match,
  verdict: { act: 'jump', chain },
  why,
});

const toHost = { toHost: true } as const;

/** The jumps by which built-in chains lead into ours: recognised as ours wherever they are found. */
export const jumpsOf = (table: TableName, family: Family): readonly SharedRule[] => jumps[family][table];

function makeJumps(table: TableName, family: Family): readonly SharedRule[] {
  if (table === 'filter')
    return [
      {
        chain: 'FORWARD',
        place: 'head',
        rule: jump({}, userChain, 'The rules of the user come before any of the engine.'),
      },
      {
        chain: 'FORWARD',
        place: 'head',
        rule: jump({}, 'DOCKER-FORWARD', 'Then the engine decides about what its networks send and get.'),
      },
    ];
  if (table === 'nat') {
    // ::1 is never forwarded: IPv6 has no route_localnet, so a rewrite could not work
    const output: Match = family === 4 ? toHost : { ...toHost, to: { not: '::1/128' } };
    return [
      {
        chain: 'PREROUTING',
        place: 'tail',
        rule: jump(toHost, 'DOCKER', 'What arrives for an address of this host may be for a published port.'),
      },
      {
        chain: 'OUTPUT',
        place: 'tail',
        rule: jump(output, 'DOCKER', 'So may what this host sends to one of its own addresses.'),
      },
    ];
  }
  if (table === 'mangle')
    return [
      {
        chain: 'FORWARD',
        place: 'tail',
        rule: jump(
          { protocol: 'tcp', opening: true },
          'SEAWAY-MSS',
          'Segment sizes, which the first packets of a connection tell, are cut down to what the path takes.',
        ),
      },
    ];
  return [];
}

const jumpsOfFamily = (family: Family): Readonly<Record<TableName, readonly SharedRule[]>> => ({
  raw: makeJumps('raw', family),
  mangle: makeJumps('mangle', family),
  filter: makeJumps('filter', family),
  nat: makeJumps('nat', family),
});

/** Always the same objects, so that what was written of them can be told from what is new. */
const jumps = { 4: jumpsOfFamily(4), 6: jumpsOfFamily(6) } as const;
