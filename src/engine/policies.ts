/** The verbs of policies between containers. */
import { fail, hasCode } from '../errors.ts';
import type { Container } from '../model/container.ts';
import { applyPolicies, removePolicy } from '../model/policies.ts';
import { type Direction, directions, type Policy } from '../model/policy.ts';
import { findContainer } from '../model/references.ts';
import { hostAddressText, readHostAddress } from '../net/address.ts';
import { type CompiledAccess, compileAccess } from '../policy/compile.ts';
import { type End, judgeFlow, meet } from '../policy/judge.ts';
import { policyOfLabels } from '../policy/labels.ts';
import { readDomain } from '../policy/read-remote.ts';
import { isAnswered, readCounters } from '../reconcile/kinds/access.ts';
import { type Changing, change, takeAway } from './change.ts';
import type { Core } from './core.ts';
import type { Count, FlowAnswer, FlowQuestion, PolicyDetail, PolicyVerbs } from './policy-verbs.ts';

type Governing = Changing & Pick<Core, 'model' | 'reconciler'>;

export function policyVerbs(core: Governing): PolicyVerbs {
  return {
    list: () => detailsOf(core, allPolicies(core)),
    async get(name) {
      const found = allPolicies(core).filter(({ id }) => id === name);
      const [detail] = await detailsOf(core, found);
      if (!detail) throw fail('POLICY_NOT_FOUND', name);
      return detail;
    },
    async apply(document) {
      // the reader of YAML is loaded when it is first needed
      const { readDocument } = await import('../policy/read-document.ts');
      const policies = readDocument(document);
      const { results } = await change(core, (view) => applyPolicies(view, policies));
      return results;
    },
    async remove(name) {
      refuseLabels(core, name);
      await takeAway(core, (view) => removePolicy(view, name));
    },
    test: (question) => testFlow(core, question),
  };
}

const allPolicies = ({ model }: Pick<Core, 'model'>): readonly Policy[] =>
  [
    ...model.governedByLabels().flatMap((container) => policyOfLabels(container) ?? []),
    ...model.all('policies'),
  ].toSorted((a, b) => a.order - b.order || (a.id < b.id ? -1 : 1));

/** What the policies are in one namespace. */
interface Place {
  readonly id: string;
  readonly access: CompiledAccess;
  readonly counters: ReadonlyMap<string, readonly [packets: number, bytes: number]>;
}

/** Namespaces whose counters are read in one turn of the event loop: 0.6 ms each. */
const atOnce = 4;

async function detailsOf(
  { model, reconciler }: Governing,
  policies: readonly Policy[],
): Promise<readonly PolicyDetail[]> {
  const wanted = new Set(policies.map(({ id }) => id));
  const places: Place[] = [];
  let read = 0;
  for (const { id } of [...model.all('sandboxes')]) {
    // it may have gone while others were read
    if (!model.get('sandboxes', id)) continue;
    const access = compileAccess(model, id);
    const rules = directions.flatMap((direction) => access[direction] ?? []);
    if (!rules.some(({ origin }) => wanted.has(origin.policy))) continue;
    places.push({ id, access, counters: countersIn(reconciler, id) });
    if (++read % atOnce === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  return policies.map((policy) => detailOf({ model }, policy, places));
}

/** Those of labels go with their container. Throws POLICY_OF_LABELS. */
function refuseLabels({ model }: Pick<Core, 'model'>, name: string): void {
  for (const container of model.governedByLabels())
    if (policyOfLabels(container)?.id === name) throw fail('POLICY_OF_LABELS', name, container.name);
}

/** None while the namespace is not there. */
function countersIn(reconciler: Core['reconciler'], id: string): Place['counters'] {
  try {
    return readCounters(reconciler.namespaceOf(id));
  } catch (error) {
    if (hasCode(error, 'KERNEL')) return new Map();
    throw error;
  }
}

function detailOf({ model }: Pick<Core, 'model'>, policy: Policy, places: readonly Place[]): PolicyDetail {
  const isIn = ({ access }: Place): boolean =>
    directions.some((direction) => access[direction]?.some(({ origin }) => origin.policy === policy.id));
  const mine = places.filter(isIn);
  const people = mine.flatMap(({ id }) => inhabitants(model, id));
  const count = (direction: Direction, index: number): Count => countOf(mine, { policy, direction, index });
  const rest = directions.map((direction) => count(direction, 0));
  return {
    policy,
    ingress: policy.ingress.map((_, i) => count('ingress', i + 1)),
    egress: policy.egress.map((_, i) => count('egress', i + 1)),
    denied: rest.reduce((a, b) => ({ packets: a.packets + b.packets, bytes: a.bytes + b.bytes })),
    containers: people.map(({ name }) => name).sort(),
    privileged: people.flatMap(({ name, isPrivileged }) => (isPrivileged ? [name] : [])).sort(),
  };
}

function countOf(
  places: readonly Place[],
  { policy, direction, index }: { policy: Policy; direction: Direction; index: number },
): Count {
  const sum = { packets: 0, bytes: 0 };
  for (const { access, counters } of places) {
    const rule = access[direction]?.find(
      ({ origin }) => origin.policy === policy.id && origin.index === index,
    );
    const [packets, bytes] = counters.get(rule?.counter ?? '') ?? [0, 0];
    sum.packets += packets;
    sum.bytes += bytes;
  }
  return sum;
}

function inhabitants(
  model: Core['model'],
  id: string,
): readonly { readonly name: string; readonly isPrivileged: boolean }[] {
  const containers = model.containersOfSandbox(id);
  if (containers.length > 0)
    return containers.map((one) => ({ name: one.name, isPrivileged: mayChangeRules(one) }));
  const names = new Set(model.endpointsOfSandbox(id).map(({ name }) => name));
  return Array.from(names, (name) => ({ name, isPrivileged: true }));
}

const mayChangeRules = ({ hostConfig }: Container): boolean =>
  hostConfig.Privileged === true ||
  (hostConfig.CapAdd ?? []).some((one) =>
    ['ALL', 'NET_ADMIN'].includes(one.replace(/^CAP_/i, '').toUpperCase()),
  );

function testFlow({ model, reconciler }: Governing, question: FlowQuestion): FlowAnswer {
  const [from, to] = [endOf(model, question.from), endOf(model, question.to)];
  if (from.sandboxId === undefined && from.address === undefined)
    throw fail('POLICY_FLOW', `${JSON.stringify(question.from)} is neither a container nor an address`);
  const both = from.sandboxId !== undefined && to.sandboxId !== undefined;
  const at = both ? meet(model, from.sandboxId, to.sandboxId) : { network: '' };
  const answered = (pattern: string, address: string): boolean =>
    from.sandboxId !== undefined && isAnswered(reconciler.namespaceOf(from.sandboxId), pattern, address);
  const flow = {
    from: { ...from, ...('from' in at && { address: at.from }) },
    to: { ...to, ...('to' in at && { address: at.to }) },
    protocol: question.protocol,
    port: question.port,
  };
  const steps = judgeFlow(model, flow, answered);
  return { allowed: steps.every(({ verdict }) => verdict === 'allow'), network: at.network, steps };
}

/** A container, an address, or a DNS name. Throws POLICY_FLOW. */
function endOf(model: Core['model'], ref: string): End {
  if (readHostAddress(ref)) return { name: ref, address: hostAddressText(ref) };
  try {
    const { name, sandboxId } = findContainer(model, ref);
    if (sandboxId === '') throw fail('POLICY_FLOW', `container ${name} is not running`);
    const [address] = model.endpointsOfSandbox(sandboxId)[0]?.addresses ?? [];
    return { name, sandboxId, ...(address !== undefined && { address: address.split('/')[0] ?? '' }) };
  } catch (thrown) {
    if (!hasCode(thrown, 'CONTAINER_NOT_FOUND', 'BAD_REQUEST') || !ref.includes('.')) throw thrown;
  }
  try {
    return { name: readDomain(ref) };
  } catch {
    throw fail('POLICY_FLOW', `${JSON.stringify(ref)} is neither a container, an address nor a DNS name`);
  }
}
