/** A policy between containers that denies the flow. */
import { bare } from '../net/address.ts';
import { familyOf } from '../net/family.ts';
import { judgeFlow, type End as PolicyEnd, type Step } from '../policy/judge.ts';
import { remoteWords } from '../policy/words.ts';
import type { Cause } from './causes.ts';
import { type End, placeOf } from './ends.ts';
import type { Evidence } from './evidence.ts';
import { asked } from './listeners.ts';

/** The table of policies, in each namespace that they are for. */
const policyTable = 'inet seaway-policy';

/** Where the table of policies has denied it. */
export function policyCause(evidence: Evidence): Cause | undefined {
  const { view, from, to, target, drops } = evidence;
  const drop = drops.find(({ rule }) => rule.table === policyTable);
  if (!drop) return undefined;
  const { address, port } = asked(evidence);
  // addresses of DNS names are known to the kernel alone: a rule with a name counts as not matching
  const flow = { from: sender(evidence), to: endOf(to, address), protocol: target.protocol, port };
  const denied = judgeFlow(view, flow).find(({ verdict }) => verdict === 'deny');
  if (!denied)
    return {
      ...{ code: 'policy', at: placeOf(drop.place === 'sender' ? from : to), cure: 'seaway policy ls' },
      sentence: 'a policy denies it',
      rule: drop.rule,
    };
  const isEgress = denied.direction === 'egress';
  return {
    ...{ code: 'policy', at: placeOf(isEgress ? from : to) },
    sentence: `${policyWords(denied)} denies it${isEgress ? `, for what ${from.name} sends` : `, for what ${to.name} gets`}`,
    cure: cureFor(denied.origin?.policy ?? ''),
    rule: drop.rule,
  };
}

/** Of a policy that is made of a container's labels, too (`src/policy/labels.ts`). */
function cureFor(name: string): string {
  const container = /^labels of (.*)$/.exec(name)?.[1];
  return container === undefined
    ? `seaway policy inspect ${name || 'NAME'}, and allow it there`
    : `run ${container} again with a label com.seaway.policy.allow-from or allow-to that allows it`;
}

function policyWords({ origin, direction }: Step): string {
  if (!origin) return 'a policy';
  const { policy, rule, index } = origin;
  const named = policy.includes(' ') ? `"${policy}"` : policy;
  if (!rule) return `policy ${named}, which allows nothing that matches,`;
  const place = rule.line > 0 ? ` (line ${rule.line})` : '';
  return `policy ${named}, ${direction} rule ${index}${place}, ${rule.verdict} ${remoteWords(rule.remote)},`;
}

const endOf = (end: End, address: string): PolicyEnd => ({
  name: end.name,
  address,
  ...(end.kind === 'container' && end.sandbox && { sandboxId: end.sandbox.id }),
});

/** The host has the address that the receiver saw; a container that on the common network, else the first of the family. */
function sender({ from, to, family, passages }: Evidence): PolicyEnd {
  if (from.kind === 'outside') return endOf(from, from.address);
  if (from.kind !== 'container') {
    const arrived = passages.find(({ place, isAnswer }) => place === 'receiver' && !isAnswer);
    return arrived?.source ? endOf(from, arrived.source) : { name: from.name };
  }
  const theirs =
    to.kind === 'container' ? new Set(to.endpoints.map(({ networkId }) => networkId)) : new Set();
  const first = from.endpoints.toSorted(
    (a, b) => Number(theirs.has(b.networkId)) - Number(theirs.has(a.networkId)),
  );
  const addresses = first.flatMap(({ addresses: each }) => each.map(bare));
  const address = addresses.find((each) => familyOf(each) === family);
  const { address: _, ...without } = endOf(from, '');
  return address === undefined ? without : { ...without, address };
}
