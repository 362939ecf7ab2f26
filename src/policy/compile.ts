/** From policies to the rules of one namespace. */
import { createHash } from 'node:crypto';
import type { Endpoint } from '../model/endpoint.ts';
import {
  type Direction,
  directions,
  hasPolicyLabels,
  type Policy,
  type PolicyRule,
  type Remote,
} from '../model/policy.ts';
import type { Sandbox } from '../model/sandbox.ts';
import type { View } from '../model/tables.ts';
import { bare, blockOfOne, contains, formatCidr, network as networkOf, parseCidr } from '../net/address.ts';
import type { AccessObject, AccessRemote, AccessRule } from '../objects/object.ts';
import { policyOfLabels } from './labels.ts';
import { mergePorts } from './ports.ts';
import { blocksOf, hostAddressesOf, selectedAddresses, selectedEndpoints } from './select.ts';

/** What a rule of a namespace comes from. */
export interface Origin {
  /** '' for the engine's own. */
  readonly policy: string;
  /** Absent for the denial of what no rule matches. */
  readonly rule?: PolicyRule;
  /** Its place in its direction, from 1; 0 without a rule. */
  readonly index: number;
}

export interface Compiled extends AccessRule {
  readonly origin: Origin;
}

/** A policy that is for a namespace. */
interface Applied {
  readonly policy: Policy;
  /** Empty: all its addresses. */
  readonly local: readonly string[];
}

/** By direction; absent where no policy says anything of it. */
export type CompiledAccess = Partial<Readonly<Record<Direction, readonly Compiled[]>>>;

/** Rules of the sandbox's namespace; undefined where no policy is for it. */
export function planAccess(view: View, sandboxId: string): AccessObject | undefined {
  const compiled = compileAccess(view, sandboxId);
  const rules = directions.flatMap((direction) => {
    const list = compiled[direction];
    return list ? [[direction, list.map(({ origin: _, ...rule }) => rule)] as const] : [];
  });
  return rules.length > 0 ? { kind: 'access', ns: sandboxId, ...Object.fromEntries(rules) } : undefined;
}

/** Patterns of names in the rules of a sandbox. */
export function watchedNames(view: View, sandboxId: string): readonly string[] {
  const sandbox = view.get('sandboxes', sandboxId);
  if (!sandbox || sandbox.kind === 'host') return [];
  const remotes = appliedPolicies(view, sandboxId).flatMap(({ policy }) =>
    policy.egress.map(({ remote }) => remote),
  );
  return [...new Set(remotes.flatMap((remote) => (remote.kind === 'name' ? [remote.pattern] : [])))].sort();
}

export function compileAccess(view: View, sandboxId: string): CompiledAccess {
  const sandbox = view.get('sandboxes', sandboxId);
  if (!sandbox || sandbox.kind === 'host') return {};
  const applied = appliedPolicies(view, sandboxId);
  const made = directions.flatMap((direction) => {
    const concerned = applied.filter(({ policy }) => policy[direction].length > 0);
    if (concerned.length === 0) return [];
    const rules = concerned.flatMap((one) => rulesOf(view, sandbox, { ...one, direction }));
    const rest = concerned.flatMap((one) => restOf(one, direction));
    const resolver = direction === 'egress' && rest.length > 0 ? serversOf(sandbox) : [];
    return [[direction, [...resolver, ...rules, ...rest]] as const];
  });
  return Object.fromEntries(made);
}

/** Policies for a namespace, in the order in which they are asked. */
function appliedPolicies(view: View, sandboxId: string): readonly Applied[] {
  const ofLabels = view
    .containersOfSandbox(sandboxId)
    .filter(({ config }) => hasPolicyLabels(config.Labels))
    .flatMap((container) => policyOfLabels(container) ?? []);
  const ofDocuments = [...view.all('policies')].flatMap((policy): Applied[] => {
    const endpoints = selectedEndpoints(view, sandboxId, policy.applies);
    if (endpoints.length === 0) return [];
    return [{ policy, local: policy.applies.network === undefined ? [] : addressesOf(endpoints) }];
  });
  return [...ofLabels.map((policy) => ({ policy, local: [] })), ...ofDocuments].toSorted(
    (a, b) => a.policy.order - b.policy.order || (a.policy.id < b.policy.id ? -1 : 1),
  );
}

const addressesOf = (endpoints: readonly Endpoint[]): readonly string[] =>
  endpoints.flatMap(({ addresses }) => addresses.map(bare)).sort();

function rulesOf(
  view: View,
  sandbox: Sandbox,
  { policy, local, direction }: Applied & { readonly direction: Direction },
): readonly Compiled[] {
  const counters = countersOf(policy, direction);
  return policy[direction].map((rule, i) => ({
    verdict: rule.verdict,
    counter: counters[i] ?? '',
    local,
    remote: remoteOf(view, sandbox, rule.remote),
    ports: mergePorts(rule.ports),
    origin: { policy: policy.id, rule, index: i + 1 },
  }));
}

/** A direction with an `allow` denies the rest. */
const restOf = ({ policy, local }: Applied, direction: Direction): readonly Compiled[] =>
  policy[direction].some(({ verdict }) => verdict === 'allow')
    ? [
        {
          ...{ verdict: 'deny', counter: counterName([policy.id, direction, null, 0]), local },
          ...{ remote: { to: 'any' }, ports: [], origin: { policy: policy.id, index: 0 } },
        },
      ]
    : [];

/** The resolver asks them from inside the namespace. */
const serversOf = ({ dns: { servers } }: Sandbox): readonly Compiled[] =>
  servers.length === 0
    ? []
    : [
        {
          ...{ verdict: 'allow', counter: 'resolver', local: [], origin: { policy: '', index: 0 } },
          remote: blocks(servers.map(blockOfOne)),
          ports: (['tcp', 'udp'] as const).map((protocol) => ({ protocol, first: 53, last: 53 })),
        },
      ];

/** One for each rule. A rule that is moved within its policy keeps its counter; one that is changed gets another. */
function countersOf(policy: Policy, direction: Direction): readonly string[] {
  const times = new Map<string, number>();
  return policy[direction].map(({ verdict, remote, ports }) => {
    const content = [verdict, remote, ports];
    const text = JSON.stringify(content);
    const same = (times.get(text) ?? 0) + 1;
    times.set(text, same);
    return counterName([policy.id, direction, content, same]);
  });
}

const counterName = (of: readonly unknown[]): string =>
  `r-${createHash('sha256').update(JSON.stringify(of)).digest('hex').slice(0, 20)}`;

function remoteOf(view: View, sandbox: Sandbox, remote: Remote): AccessRemote {
  if (remote.kind === 'any') return { to: 'any' };
  if (remote.kind === 'name') return { to: 'name', pattern: remote.pattern };
  if (remote.kind === 'addresses') return blocks([remote.block]);
  const endpoints = view.endpointsOfSandbox(sandbox.id);
  if (remote.kind === 'containers') {
    const own = new Set(endpoints.map(({ networkId }) => networkId));
    // single addresses, each once
    return { to: 'blocks', blocks: selectedAddresses(view, own, remote.selector).map(blockOfOne) };
  }
  const networks = endpoints.flatMap(({ networkId }) => view.get('networks', networkId) ?? []);
  if (remote.kind === 'outside') return { ...blocks(networks.flatMap(blocksOf)), to: 'others' };
  return blocks(hostAddressesOf(view, endpoints).map(({ host }) => blockOfOne(host)));
}

/** Canonical, without blocks that lie in others. */
function blocks(list: readonly string[]): { readonly to: 'blocks'; readonly blocks: readonly string[] } {
  const parsed = [...new Set(list.map((text) => formatCidr(networkOf(parseCidr(text)))))].sort();
  const cidrs = parsed.map(parseCidr);
  const kept = cidrs.filter((one) => !cidrs.some((other) => other !== one && contains(other, one)));
  return { to: 'blocks', blocks: kept.map(formatCidr) };
}
