/** Which rule decides about a flow. */
import type { Direction, PolicyPorts, Verdict } from '../model/policy.ts';
import type { View } from '../model/tables.ts';
import { bare, contains, parseAddress, parseCidr } from '../net/address.ts';
import { familyOf } from '../net/family.ts';
import type { AccessRemote } from '../objects/object.ts';
import { type Compiled, compileAccess, type Origin } from './compile.ts';
import { matchesDomain } from './glob.ts';
import { hostAddressesOf } from './select.ts';

/** An end of a flow. */
export interface End {
  /** As it is shown. */
  readonly name: string;
  /** Absent where it is no container of this host. */
  readonly sandboxId?: string;
  /** Without prefix length; absent for one that is given by its DNS name. */
  readonly address?: string;
}

export interface Flow {
  readonly from: End;
  readonly to: End;
  readonly protocol: PolicyPorts['protocol'];
  /** 0 for `icmp`. */
  readonly port: number;
}

/** What one end's policies say of it. */
export interface Step {
  readonly direction: Direction;
  /** The container whose policies were asked. */
  readonly container: string;
  readonly verdict: Verdict;
  /** Absent: no rule matches, and none denies the rest. */
  readonly origin?: Origin;
}

/** Whether the resolver has answered that address for a name of the pattern, where only the address is known. */
export type Answered = (pattern: string, address: string) => boolean;

/** One step for each end that policies are for; allowed if none denies. */
export function judgeFlow(view: View, flow: Flow, answered: Answered = () => false): readonly Step[] {
  const { from, to } = flow;
  const ends = [
    { direction: 'egress' as const, own: from, other: to },
    { direction: 'ingress' as const, own: to, other: from },
  ];
  return ends.flatMap(({ direction, own, other }): Step[] => {
    const rules = own.sandboxId === undefined ? undefined : compileAccess(view, own.sandboxId)[direction];
    if (!rules) return [];
    const found = rules.find((rule) => isMatch(rule, { ...flow, own, other, answered }));
    const verdict = found?.verdict ?? 'allow';
    return [{ direction, container: own.name, verdict, ...(found && { origin: found.origin }) }];
  });
}

interface Seen extends Pick<Flow, 'protocol' | 'port'> {
  readonly own: End;
  readonly other: End;
  readonly answered: Answered;
}

const isMatch = (rule: Compiled, seen: Seen): boolean =>
  (rule.local.length === 0 || (seen.own.address !== undefined && rule.local.includes(seen.own.address))) &&
  isRemote(rule.remote, seen) &&
  (rule.ports.length === 0 || rule.ports.some((one) => isPort(one, seen)));

const isPort = ({ protocol, first, last }: PolicyPorts, flow: Pick<Flow, 'protocol' | 'port'>): boolean =>
  protocol === flow.protocol && first <= flow.port && flow.port <= last;

function isRemote(remote: AccessRemote, { other: { name, address }, answered }: Seen): boolean {
  if (remote.to === 'any') return true;
  if (remote.to === 'name')
    return address === undefined ? matchesDomain(remote.pattern, name) : answered(remote.pattern, address);
  const inside =
    address !== undefined &&
    remote.blocks.some(
      (block) => familyOf(block) === familyOf(address) && contains(parseCidr(block), parseAddress(address)),
    );
  return remote.to === 'others' ? !inside : inside;
}

/**
 * Where two containers meet: addresses on the first network that both are on; else any of theirs. One in the host's network
 * has the host's address on the other's network.
 */
export function meet(
  view: View,
  from: string,
  to: string,
): { readonly network: string; readonly from?: string; readonly to?: string } {
  const [mine, theirs] = [view.endpointsOfSandbox(from), view.endpointsOfSandbox(to)];
  const isHost = (id: string): boolean => view.get('sandboxes', id)?.kind === 'host';
  if (isHost(from) !== isHost(to)) {
    const [seen] = hostAddressesOf(view, isHost(from) ? theirs : mine);
    if (seen)
      return isHost(from)
        ? { network: seen.network, from: seen.host, to: seen.own }
        : { network: seen.network, from: seen.own, to: seen.host };
  }
  for (const { networkId, addresses } of mine) {
    const other = theirs.find((one) => one.networkId === networkId);
    const name = view.get('networks', networkId)?.name;
    if (!other || name === undefined) continue;
    for (const address of addresses) {
      const same = other.addresses.find((one) => familyOf(one) === familyOf(address));
      if (same !== undefined) return { network: name, from: bare(address), to: bare(same) };
    }
  }
  const [first, second] = [mine, theirs].map((all) => all[0]?.addresses[0]);
  return { network: '', ...(first && { from: bare(first) }), ...(second && { to: bare(second) }) };
}
