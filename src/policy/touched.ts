/**
 * Which namespaces' rules a change may alter: those with a policy that changed, and those with a rule for a container that came,
 * went or moved. Costs the number of rules times the size of the change, and one look at all namespaces for each policy that is hit.
 */
import type { Container } from '../model/container.ts';
import type { Policy, Selector } from '../model/policy.ts';
import { type Change, keyOf, type View } from '../model/tables.ts';
import { matchesGlob } from './glob.ts';
import { policyOfLabels } from './labels.ts';
import { selectedEndpoints } from './select.ts';

/** The records before and after. */
export interface Step {
  readonly before: View;
  readonly after: View;
}

/** Ids of sandboxes. */
export function touchedByPolicies(step: Step, changes: readonly Change[]): ReadonlySet<string> {
  const found = new Set<string>();
  if (!hasPolicies(step.before) && !hasPolicies(step.after)) return found;
  const changed = changedPlaces(step, changes);
  for (const id of changed.renamed) found.add(id);
  for (const view of [step.before, step.after])
    for (const policy of view.all('policies'))
      if (changed.policies.has(policy.id) || isHit(step, policy, changed))
        for (const { id } of view.all('sandboxes'))
          if (selectedEndpoints(view, id, policy.applies).length > 0) found.add(id);
  for (const container of step.after.governedByLabels()) {
    const policy = policyOfLabels(container);
    if (policy && container.sandboxId !== '' && isHit(step, policy, changed)) found.add(container.sandboxId);
  }
  return found;
}

function hasPolicies(view: View): boolean {
  for (const _ of view.all('policies')) return true;
  for (const _ of view.governedByLabels()) return true;
  return false;
}

interface Changed {
  readonly policies: ReadonlySet<string>;
  /** Sandboxes with other endpoints or containers. */
  readonly sandboxes: ReadonlySet<string>;
  /** Sandboxes whose containers have other names or labels. */
  readonly renamed: ReadonlySet<string>;
  readonly peers: ReadonlySet<string>;
  readonly networks: boolean;
}

function changedPlaces({ before, after }: Step, changes: readonly Change[]): Changed {
  const changed = {
    policies: new Set<string>(),
    sandboxes: new Set<string>(),
    renamed: new Set<string>(),
    peers: new Set<string>(),
    networks: false,
  };
  for (const change of changes) {
    const key = 'put' in change ? keyOf(change.table, change.put) : change.remove;
    if (change.table === 'policies') changed.policies.add(key);
    else if (change.table === 'peers') changed.peers.add(key);
    else if (change.table === 'networks') changed.networks = true;
    else if (change.table === 'sandboxes') changed.sandboxes.add(key);
    else if (change.table === 'endpoints')
      for (const view of [before, after]) {
        const sandbox = view.get('endpoints', key)?.sandboxId;
        if (sandbox !== undefined) changed.sandboxes.add(sandbox);
      }
    else if (change.table === 'containers') {
      const [was, is] = [before.get('containers', key), after.get('containers', key)];
      if (was?.name === is?.name && was?.sandboxId === is?.sandboxId && sameLabels(was, is)) continue;
      for (const one of [was, is]) if (one && one.sandboxId !== '') changed.renamed.add(one.sandboxId);
    }
  }
  for (const id of changed.renamed) changed.sandboxes.add(id);
  return changed;
}

type Labelled = Pick<Container, 'config'> | undefined;

const sameLabels = (was: Labelled, is: Labelled): boolean =>
  was?.config.Labels === is?.config.Labels ||
  JSON.stringify(was?.config.Labels) === JSON.stringify(is?.config.Labels);

/** Whether a selector of its rules means others than before. */
function isHit(step: Step, { ingress, egress }: Policy, changed: Changed): boolean {
  const selectors = [...ingress, ...egress].flatMap(({ remote }) =>
    remote.kind === 'containers' ? [remote.selector] : [],
  );
  if (selectors.length === 0) return false;
  return changed.networks || selectors.some((selector) => isOther(step, selector, changed));
}

function isOther({ before, after }: Step, selector: Selector, { sandboxes, peers }: Changed): boolean {
  for (const id of sandboxes) if (places(before, id, selector) !== places(after, id, selector)) return true;
  if (selector.label !== undefined) return false;
  for (const id of peers)
    for (const view of [before, after]) {
      const peer = view.get('peers', id);
      if (peer && (selector.container === undefined || matchesGlob(selector.container, peer.name)))
        return true;
    }
  return false;
}

const places = (view: View, id: string, selector: Selector): string =>
  JSON.stringify(
    view.get('sandboxes', id)
      ? selectedEndpoints(view, id, selector).map(({ networkId, addresses }) => [networkId, addresses])
      : [],
  );
