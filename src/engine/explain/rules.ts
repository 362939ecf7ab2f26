/** From a trace's steps to what they mean: how far the packet came, and the rule that dropped it. */
import type { DecidingRule } from '../../explain/causes.ts';
import type { Drop, Evidence, Passage, Place } from '../../explain/evidence.ts';
import { findRule, makerOf } from '../../explain/rules.ts';
import { parseSave } from '../../firewall/iptables/observed.ts';
import { iptablesText } from '../../firewall/iptables/text.ts';
import { planFirewall } from '../../firewall/plan.ts';
import { ownChainNames, type Rule, type Ruleset, type TableName, tableNames } from '../../firewall/rules.ts';
import { type Flow, type TraceStep, tracePrefix } from '../../kernel/inspect/contract.ts';
import type { Namespace } from '../../kernel/kernel.ts';
import { joinHostPort } from '../../net/address.ts';
import type { Family } from '../../net/family.ts';
import { mapLimit } from '../limit.ts';
import { wantedFirewall } from '../wanted-rules.ts';
import { type Explaining, inspectorOf } from './explaining.ts';

/** The steps in one namespace. */
export interface Traced {
  readonly place: Place;
  readonly namespace: Namespace;
  readonly steps: readonly TraceStep[];
}

/** Types of ICMP and ICMPv6 echo replies. */
const replies: readonly number[] = [0, 129];

/** An answer goes to the port, or has the type of an echo's, that the probe was sent from. */
export function isAnswer({ header }: TraceStep, { protocol, port }: Flow): boolean {
  if (!header) return false;
  // type and code, then the checksum, which no message has as 0; without a transport header both are 0
  if (protocol === 'icmp') return header.destinationPort !== 0 && replies.includes(header.sourcePort >> 8);
  return header.destinationPort === port && header.sourcePort !== port;
}

export function passagesOf({ place, steps }: Traced, flow: Flow): readonly Passage[] {
  return steps.flatMap((step): Passage[] => {
    const isOwn = step.table.startsWith(tracePrefix) && step.family !== 'netdev';
    const hook = step.passed ?? (isOwn ? 'prerouting' : undefined);
    if (hook === undefined || step.isNeighbour) return [];
    const { from, to, header } = step;
    const { source = '', destination = '', destinationPort: port = 0 } = header ?? {};
    return [{ place, hook, from, to, source, destination, port, isAnswer: isAnswer(step, flow) }];
  });
}

/** Rules that dropped packets, in order; those of the trace itself do not count. */
export async function dropsOf(
  core: Explaining,
  { traced, flow }: { readonly traced: Traced; readonly flow: Flow },
): Promise<readonly Drop[]> {
  const { steps, place, namespace } = traced;
  const dropped = steps.filter((step) => isDrop(step, steps));
  const drops: Drop[] = [];
  for (const step of dropped.slice(0, mostDrops))
    drops.push({
      ...{ place, isAnswer: isAnswer(step, flow), isBridge: step.family === 'bridge' },
      ...(step.isNeighbour && { isNeighbour: true }),
      ...(step.verdict === 'queue' && { isQueued: true }),
      rule: await describe(core, { step, namespace }),
    });
  return drops;
}

/** Or left to a program that has not given it back (NFQUEUE). */
const isDrop = (step: TraceStep, steps: readonly TraceStep[]): boolean =>
  !step.table.startsWith(tracePrefix) &&
  (step.verdict === 'drop' ||
    (step.verdict === 'queue' && steps.findLast(({ packet }) => packet === step.packet) === step));

/** A rule of others by which the host sends the packet elsewhere than to `wanted`. */
export async function redirectedBy(
  core: Explaining,
  { traced, flow, wanted }: { readonly traced: Traced; readonly flow: Flow; readonly wanted: Wanted },
): Promise<Evidence['redirected']> {
  const { steps, namespace } = traced;
  const isElsewhere = ({ header }: TraceStep): boolean =>
    header !== undefined &&
    !(wanted.addresses.includes(header.destination) && wanted.ports.includes(header.destinationPort));
  const at = steps.findIndex(
    (step) => !isAnswer(step, flow) && !step.isNeighbour && step.family !== 'bridge' && isElsewhere(step),
  );
  const header = steps[at]?.header;
  const deciding = steps
    .slice(0, Math.max(at, 0))
    .findLast(
      ({ packet, verdict, handle, table }) =>
        packet === steps[at]?.packet &&
        verdict === 'accept' &&
        handle !== 0 &&
        !table.startsWith(tracePrefix),
    );
  if (!header || !deciding) return undefined;
  const rule = await describe(core, { step: deciding, namespace });
  return rule.owner === ''
    ? undefined
    : { rule, to: joinHostPort(header.destination, header.destinationPort) };
}

/** Where a packet may be going, before and after the engine's own translation. */
export interface Wanted {
  readonly addresses: readonly string[];
  readonly ports: readonly number[];
}

const mostDrops = 4;

/** Chains that are read for the ladder. */
const mostChains = 24;

/** What rules said, in words, for the ladder. With `texts` in the words of the rules themselves. */
export async function verdictsOf(
  core: Explaining,
  { place, namespace, steps }: Traced,
  { texts }: { readonly texts: boolean },
): Promise<readonly string[]> {
  const shown = steps.filter(
    ({ table, verdict, handle }) => !table.startsWith(tracePrefix) && (handle !== 0 || verdict === 'drop'),
  );
  const listings = new Map<string, string>();
  const chains = new Map(
    shown.map(({ family, table, chain }) => [`${family} ${table} ${chain}`, { family, table, chain }]),
  );
  const wanted = texts ? [...chains].slice(0, mostChains) : [];
  await mapLimit(wanted, 2, async ([name, chain]) => {
    listings.set(name, await inspectorOf(core, namespace).rulesOf(chain));
  });
  return shown.map(({ family, table, chain, handle, verdict, isNeighbour }) => {
    const name = `${family} ${table} ${chain}`;
    const found = findRule(listings.get(name) ?? '', { chain, handle });
    const text = found ? `rule ${found.number}: ${found.text}` : `rule with handle ${handle}`;
    const what = handle === 0 ? 'policy' : text;
    return `${place}: ${name}: ${what}: ${verdict}${isNeighbour ? ' (question for a neighbour)' : ''}`;
  });
}

interface Met {
  readonly step: TraceStep;
  readonly namespace: Namespace;
}

async function describe(core: Explaining, { step, namespace }: Met): Promise<DecidingRule> {
  const { family, table, chain, handle } = step;
  const listing = await inspectorOf(core, namespace).rulesOf({ family, table, chain });
  const found = findRule(listing, { chain, handle });
  const plain = { table: `${family} ${table}`, chain, number: found?.number ?? 0, text: found?.text ?? '' };
  const comment = /comment "([^"]*)"/.exec(plain.text)?.[1] ?? '';
  const isOurs = /^(?:ip6?|inet|bridge) seaway/.test(plain.table);
  if (namespace !== core.kernel.host)
    return { ...plain, reason: comment, owner: isOurs ? '' : 'the container' };
  const ours = found && (await ownRule(core, { step, number: found.number }));
  if (ours)
    return {
      ...plain,
      text: ours.text,
      reason: ours.rule?.why ?? '',
      owner: ours.rule ? '' : makerOf(plain),
    };
  return { ...plain, reason: comment, owner: isOurs ? '' : makerOf(plain) };
}

/** A rule of iptables in its own words, with ours where it is one of ours. */
async function ownRule(
  core: Explaining,
  { step, number }: { readonly step: TraceStep; readonly number: number },
): Promise<{ readonly text: string; readonly rule?: Rule } | undefined> {
  if (!core.kernel.iptables.isInstalled()) return undefined;
  const { family, table, chain } = step;
  const version: Family | undefined = family === 'ip' ? 4 : family === 'ip6' ? 6 : undefined;
  const name = tableNames.find((each) => each === table);
  if (version === undefined || name === undefined) return undefined;
  const saved = parseSave(await core.kernel.iptables.save(version));
  const text = saved.get(name)?.get(chain)?.rules[number - 1];
  if (text === undefined) return undefined;
  const rule = ruleOf(planFirewall(wantedFirewall(core), version), { name, chain, text });
  return { text: `-A ${chain} ${text}`, ...(rule && { rule }) };
}

function ruleOf(
  { tables, family }: Ruleset,
  { name, chain, text }: { readonly name: TableName; readonly chain: string; readonly text: string },
): Rule | undefined {
  const table = tables.find((each) => each.name === name);
  if (!table) return undefined;
  const rules = ownChainNames[name].includes(chain)
    ? table.own.filter((each) => each.name === chain).flatMap((each) => each.rules)
    : table.shared.filter((each) => each.chain === chain).map((each) => each.rule);
  return rules.find((rule) => iptablesText(rule, family) === text);
}
