/**
 * The rules of a namespace's flows as commands of nftables. Each flow is judged by who opened it, and each of its packets
 * again, so that a flow ends that is denied from now on.
 */
import { type Family, familyOf } from '../../net/family.ts';
import { accessDigest, patternKey, patternsOf } from '../../objects/access.ts';
import type { AccessObject, AccessRule } from '../../objects/object.ts';

/** The engine's table in a sandbox. */
export const accessTable = 'seaway-policy';

const table = `inet ${accessTable}`;
const families: readonly Family[] = [4, 6];

/** Names of what is in the table. */
export interface Existing {
  readonly sets: readonly string[];
  readonly counters: readonly string[];
  readonly chains: readonly string[];
}

const namesIn = (listing: string, what: string): readonly string[] =>
  Array.from(listing.matchAll(new RegExp(`^\\t${what} ([-0-9a-z]+) \\{`, 'gm')), ([, name = '']) => name);

/** From the text of `nft list table`. Other names than the engine's do not get into commands. */
export const existingIn = (listing: string): Existing => ({
  sets: namesIn(listing, 'set'),
  counters: namesIn(listing, 'counter'),
  chains: namesIn(listing, 'chain'),
});

/** The set of addresses of a pattern of names. */
export const nameSet = (pattern: string, family: Family): string => `n${family}-${patternKey(pattern)}`;

/** Flows that a name's rule has allowed: they go on when the address is forgotten. */
const flowSet = ({ counter }: AccessRule, family: Family): string => `l${family}-${counter}`;

/** The header fields of both ends of a flow in the packets that a chain sees. */
interface Sight {
  readonly remote: 'saddr' | 'daddr';
  readonly local: 'saddr' | 'daddr';
  /** `port` is of the end that was connected to. */
  readonly port: 'sport' | 'dport';
  readonly otherPort: 'sport' | 'dport';
}

const sights: Readonly<Record<string, Sight>> = {
  'ingress-in': { remote: 'saddr', local: 'daddr', port: 'dport', otherPort: 'sport' },
  'ingress-out': { remote: 'daddr', local: 'saddr', port: 'sport', otherPort: 'dport' },
  'egress-out': { remote: 'daddr', local: 'saddr', port: 'dport', otherPort: 'sport' },
  'egress-in': { remote: 'saddr', local: 'daddr', port: 'sport', otherPort: 'dport' },
};

/** Neighbour discovery and multicast listeners of IPv6, without which no address is found. */
const discovery =
  'icmpv6 type { nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert, nd-redirect, ' +
  'mld-listener-query, mld-listener-report, mld-listener-done, mld2-listener-report } accept';

const base: Readonly<Record<string, readonly string[]>> = {
  refuse: ['meta l4proto tcp reject with tcp reset', 'reject with icmpx admin-prohibited'],
  input: [
    ...['iif "lo" accept', discovery, 'ct state related accept', 'ct state invalid drop'],
    ...['ct direction reply goto egress-in', 'goto ingress-in'],
  ],
  output: [
    // a reset refuses a flow that is denied
    ...['oif "lo" accept', discovery, 'ct state related accept', 'tcp flags & rst == rst accept'],
    ...['ct direction reply goto ingress-out', 'goto egress-out'],
  ],
};

/**
 * Commands that bring the table to the rules; counters and sets of names that stay keep what they have. Without `existing`
 * the table is made from nothing, whatever is there.
 */
export function accessCommands(object: AccessObject, existing: Existing | undefined): string {
  const { ingress = [], egress = [] } = object;
  const sets = setsOf(object);
  const counters = [...new Set([...ingress, ...egress].map(({ counter }) => counter))];
  const digest = `digest-${accessDigest(object)}`;
  const rules = { ...base, ...rulesOf({ ingress, egress }) };
  const hook = (name: string): string => `{ type filter hook ${name} priority -1; policy accept; }`;
  const lines = [
    ...(existing ? [] : [`add table ${table}`, `delete table ${table}`]),
    `add table ${table}`,
    ...Object.keys(rules).map(
      (chain) => `add chain ${table} ${chain} ${chain.includes('put') ? hook(chain) : ''}`,
    ),
    ...Object.keys(rules).map((chain) => `flush chain ${table} ${chain}`),
    ...unwanted(existing?.chains, [...Object.keys(rules), digest]).map(
      (name) => `delete chain ${table} ${name}`,
    ),
    ...unwanted(existing?.sets, sets.keys()).map((name) => `delete set ${table} ${name}`),
    ...unwanted(existing?.counters, counters).map((name) => `delete counter ${table} ${name}`),
    `add chain ${table} ${digest}`,
    ...counters.map((name) => `add counter ${table} ${name}`),
    ...Array.from(sets, ([name, type]) => `add set ${table} ${name} { ${type} }`),
    ...Object.entries(rules).flatMap(([chain, each]) =>
      each.map((rule) => `add rule ${table} ${chain} ${rule}`),
    ),
  ];
  return `${lines.join('\n')}\n`;
}

const unwanted = (there: readonly string[] = [], wanted: Iterable<string>): readonly string[] => {
  const kept = new Set(wanted);
  return there.filter((name) => !kept.has(name));
};

function setsOf(object: AccessObject): ReadonlyMap<string, string> {
  const address = (family: Family): string => (family === 4 ? 'ipv4_addr' : 'ipv6_addr');
  const sets = new Map<string, string>();
  for (const family of families) {
    for (const pattern of patternsOf(object))
      sets.set(nameSet(pattern, family), `type ${address(family)}; flags timeout; size 65536;`);
    for (const rule of object.egress ?? [])
      if (rule.remote.to === 'name' && rule.verdict === 'allow')
        sets.set(
          flowSet(rule, family),
          `type ${address(family)} . inet_proto . inet_service . inet_service; flags dynamic,timeout; size 65536; timeout 1d;`,
        );
  }
  return sets;
}

const rulesOf = (lists: { readonly [direction: string]: readonly AccessRule[] }) =>
  Object.fromEntries(
    Object.entries(sights).map(([chain, sight]) => {
      const [direction = ''] = chain.split('-');
      return [chain, (lists[direction] ?? []).flatMap((rule) => linesOf(rule, sight))] as const;
    }),
  );

function linesOf(rule: AccessRule, sight: Sight): readonly string[] {
  if (rule.remote.to === 'name') return linesOfName(rule, sight);
  const end = endOf(rule);
  const ports = portsOf(rule, sight);
  if (rule.remote.to === 'any' && rule.local.length === 0) return ports.map((port) => join(port, end));
  return families.flatMap((family) => {
    const remote = remoteOf(rule, sight, family);
    const local = localOf(rule, sight, family);
    return remote === undefined || local === undefined
      ? []
      : ports.map((port) => join(remote, local, port, end));
  });
}

const join = (...parts: readonly string[]): string => parts.filter(Boolean).join(' ');

const endOf = ({ counter, verdict }: AccessRule): string =>
  `counter name ${counter} ${verdict === 'allow' ? 'accept' : 'goto refuse'}`;

const ip = (family: Family): string => (family === 4 ? 'ip' : 'ip6');

/** Undefined where no packet of the family can match. */
function remoteOf({ remote }: AccessRule, sight: Sight, family: Family): string | undefined {
  const any = `meta nfproto ipv${family}`;
  if (remote.to === 'any') return any;
  const blocks = remote.to === 'name' ? [] : remote.blocks.filter((one) => familyOf(one) === family);
  if (blocks.length === 0) return remote.to === 'others' ? any : undefined;
  return `${ip(family)} ${sight.remote} ${remote.to === 'others' ? '!= ' : ''}{ ${blocks.join(', ')} }`;
}

function localOf({ local }: AccessRule, sight: Sight, family: Family): string | undefined {
  if (local.length === 0) return '';
  const own = local.filter((one) => familyOf(one) === family);
  return own.length === 0 ? undefined : `${ip(family)} ${sight.local} { ${own.join(', ')} }`;
}

/** One match for those with ports and one for ICMP; an empty one for all. */
function portsOf({ ports }: Pick<AccessRule, 'ports'>, sight: Sight): readonly string[] {
  if (ports.length === 0) return [''];
  const numbered = ports.filter(({ protocol }) => protocol !== 'icmp');
  const list = numbered.map(({ protocol, first, last }) => `${protocol} . ${first}-${last}`);
  return [
    ...(list.length > 0 ? [`meta l4proto . th ${sight.port} { ${list.join(', ')} }`] : []),
    ...(numbered.length < ports.length ? ['meta l4proto { icmp, ipv6-icmp }'] : []),
  ];
}

const numbered = (['tcp', 'udp', 'sctp'] as const).map((protocol) => ({ protocol, first: 0, last: 65535 }));

/**
 * For how long a flow is noted that connection tracking is about to forget: one that ends or is not answered, and any that is
 * not of TCP. Its time-outs for these are 2 minutes or less by default.
 */
const brief = '3m';

/** A flow to an address of the name is noted, and goes on while it has packets, one of TCP also through a day without. */
function linesOfName(rule: AccessRule, sight: Sight): readonly string[] {
  if (rule.remote.to !== 'name') return [];
  const { pattern } = rule.remote;
  const end = endOf(rule);
  return families.flatMap((family) => {
    const remote = `${ip(family)} ${sight.remote}`;
    const local = localOf(rule, sight, family);
    if (local === undefined) return [];
    const known = `${remote} @${nameSet(pattern, family)}`;
    if (rule.verdict === 'deny') return portsOf(rule, sight).map((port) => join(known, local, port, end));
    const flow = `${remote} . meta l4proto . th ${sight.port} . th ${sight.otherPort}`;
    const set = `@${flowSet(rule, family)}`;
    const noteBriefly = `update ${set} { ${flow} timeout ${brief} }`;
    const isFirst = (port: string): boolean => port.includes(' th ');
    const ports =
      rule.ports.length > 0 ? rule.ports : [...numbered, { protocol: 'icmp' as const, first: 0, last: 0 }];
    return [
      join(`ct state established ${flow} ${set} ct expiration < ${brief}`, noteBriefly, end),
      join(`ct state established ${flow} ${set} update ${set} { ${flow} }`, end),
      // in a rule without a verdict: where the set is full, the rest of a rule is skipped (nft_dynset.c)
      ...portsOf({ ports }, sight).flatMap((port) => [
        ...(isFirst(port) ? [join(known, local, port, noteBriefly)] : []),
        join(known, local, port, end),
      ]),
    ];
  });
}
