/**
 * Rules as data, in no backend's syntax; `iptables/text.ts` prints them. Names of chains are Docker's, so that users'
 * scripts and documents for Docker's chains (DOCKER-USER above all) keep working.
 */
import { usualDataPort } from '../model/node.ts';
import type { Family } from '../net/family.ts';

export type TableName = 'raw' | 'mangle' | 'filter' | 'nat';

/** The order in which a packet passes the tables, and in which they are changed: drops before accepts. */
export const tableNames: readonly TableName[] = ['raw', 'mangle', 'filter', 'nat'];

export type Test<T> = T | { readonly not: T };

export type Transport = 'tcp' | 'udp' | 'sctp';

/** States of conntrack; `invalid`: of no known connection; `dnat`: the destination was rewritten. */
export type FlowState = 'new' | 'related' | 'established' | 'invalid' | 'dnat';

/** Ports from `first` to `last`, both included. */
export interface PortSpan {
  readonly first: number;
  readonly last: number;
}

/** Conditions on a packet, all of which must hold. */
export interface Match {
  /** CIDR. */
  readonly from?: Test<string>;
  readonly to?: Test<string>;
  /** Link names. */
  readonly in?: Test<string>;
  readonly out?: Test<string>;
  /** `icmp` is ICMPv6 in rules of IPv6. */
  readonly protocol?: Transport | 'icmp';
  /** Type of ICMPv6 (RFC 4861 and the IANA registry); IPv6 only. */
  readonly icmp6Type?: number;
  readonly sport?: number | PortSpan;
  readonly dport?: number | PortSpan;
  /** A TCP segment that opens a connection (SYN without RST). */
  readonly opening?: true;
  readonly state?: Test<readonly FlowState[]>;
  /** The destination is an address of this host. */
  readonly toHost?: true;
  /** Forwarded within one bridge, and visible to iptables because of br_netfilter. */
  readonly bridged?: true;
  readonly mark?: { readonly value: number; readonly mask?: number };
}

export type Verdict =
  | { readonly act: 'accept' }
  | { readonly act: 'drop' }
  | { readonly act: 'jump'; readonly chain: string }
  /** `span`: the last port of a range, and the destination port that becomes `port`. */
  | {
      readonly act: 'dnat';
      readonly address: string;
      readonly port: number;
      readonly span?: { readonly last: number; readonly from: number };
    }
  | { readonly act: 'snat'; readonly address: string }
  | { readonly act: 'masquerade' }
  | { readonly act: 'clampMss' };

export interface Rule {
  readonly match: Match;
  readonly verdict: Verdict;
  /** A sentence that says why the rule exists. */
  readonly why: string;
}

/** A chain of the engine: exactly these rules, in this order. */
export interface OwnChain {
  readonly name: string;
  readonly rules: readonly Rule[];
}

/** A rule in a chain that other programs write to as well. */
export interface SharedRule {
  readonly chain: string;
  /** `head`: before anything else, in the order given. `tail`: anywhere, in the order given. */
  readonly place: 'head' | 'tail';
  readonly rule: Rule;
}

export interface TableRules {
  readonly name: TableName;
  readonly own: readonly OwnChain[];
  /** Chains that must exist and whose rules are the user's. */
  readonly users: readonly string[];
  readonly shared: readonly SharedRule[];
  /** Wanted policies; other chains keep theirs. */
  readonly policies: Readonly<Record<string, 'ACCEPT' | 'DROP'>>;
}

/** All rules of one family. Tables that are not named have none. */
export interface Ruleset {
  readonly family: Family;
  readonly tables: readonly TableRules[];
}

export const countRules = ({ tables }: Ruleset): number =>
  tables.reduce(
    (sum, { own, shared }) => own.reduce((all, { rules }) => all + rules.length, sum + shared.length),
    0,
  );

/** Names of the engine's chains in each table; those that are not wanted are removed. */
export const ownChainNames: Readonly<Record<TableName, readonly string[]>> = {
  raw: ['SEAWAY-TUNNEL'],
  mangle: ['SEAWAY-MSS'],
  filter: [
    ...['DOCKER', 'DOCKER-BRIDGE', 'DOCKER-CT', 'DOCKER-FORWARD', 'DOCKER-INTERNAL'],
    ...['SEAWAY-INVALID', 'SEAWAY-OTHERS'],
  ],
  nat: ['DOCKER'],
};

export const userChain = 'DOCKER-USER';

const jump = (match: Match, chain: string, why: string): Rule => ({
  match,
  verdict: { act: 'jump', chain },
  why,
});

const toHost = { toHost: true } as const;

/** Jumps from built-in chains into the engine's; recognised as the engine's wherever they are found. */
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
  if (table === 'raw') return [tunnelJump(usualDataPort)];
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

const tunnelJumps = new Map<number, SharedRule>();

/** Always the same object for a port, so that caches of `once` hold for it. */
export function tunnelJump(port: number): SharedRule {
  const known = tunnelJumps.get(port);
  if (known) return known;
  const match = { protocol: 'udp', dport: port, toHost: true } as const;
  const why = 'Frames of overlay networks arrive by this port.';
  const made = { chain: 'PREROUTING', place: 'head', rule: jump(match, 'SEAWAY-TUNNEL', why) } as const;
  tunnelJumps.set(port, made);
  return made;
}

const jumpsOfFamily = (family: Family): Readonly<Record<TableName, readonly SharedRule[]>> => ({
  raw: makeJumps('raw', family),
  mangle: makeJumps('mangle', family),
  filter: makeJumps('filter', family),
  nat: makeJumps('nat', family),
});

/** Always the same objects, so that caches of `once` hold for them. */
const jumps = { 4: jumpsOfFamily(4), 6: jumpsOfFamily(6) } as const;
