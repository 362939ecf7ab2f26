/**
 * The way of a change: what it affects is planned on the records as they would be, the records are written, and the
 * kernel is made to agree. Where that fails the records are put back, and the kernel is made to agree with those.
 */
import { affected, type Scopes } from '../affected/affected.ts';
import { overlay } from '../model/overlay.ts';
import type { Change } from '../model/tables.ts';
import { planNetworkScope, planSandboxScope } from '../reconcile/plan.ts';
import { checkFirewall } from '../reconcile/plan-firewall.ts';
import type { Core } from './core.ts';

type Following = Pick<Core, 'model' | 'reconciler' | 'resolver' | 'retries' | 'hostPorts'>;
type Changing = Following & Pick<Core, 'records' | 'facts' | 'logger'>;

/**
 * Throws what cannot be planned before anything is written. `effect` is what else must be done for the change to hold;
 * it is done again with the records of before if it, or convergence, fails.
 */
export async function change(
  core: Changing,
  changes: readonly Change[],
  effect: () => Promise<unknown> = async () => undefined,
): Promise<void> {
  const scopes = planned(core, changes);
  const takenBack = await core.records.commit(changes);
  try {
    await follow(core, scopes);
    await effect();
  } catch (error) {
    await core.records.keep(takenBack());
    await follow(core, scopes)
      .then(effect)
      .catch((again) => core.logger.error('taking back a change failed', { error: again }));
    throw error;
  }
}

/** What the changes affect. Throws where a scope of it cannot be planned: the request is refused then. */
export function planned(core: Pick<Core, 'model' | 'facts'>, changes: readonly Change[]): Scopes {
  const after = overlay(core.model, changes);
  const scopes = affected({ before: core.model, after }, changes);
  if (scopes.networks.size + scopes.sandboxes.size === 0) return scopes;
  const facts = core.facts();
  for (const id of scopes.networks) planNetworkScope(after, id, facts);
  for (const id of scopes.sandboxes) planSandboxScope(after, id, facts);
  if (scopes.firewall) checkFirewall(after, scopes, facts);
  return scopes;
}

/** Makes held ports, kernel, firewall and resolver agree with the records, within the scopes. */
export async function follow(core: Following, scopes: Scopes): Promise<void> {
  const { model, reconciler, resolver, retries, hostPorts } = core;
  for (const id of scopes.ports) {
    const sandbox = model.get('sandboxes', id);
    if (sandbox) hostPorts.hold(id, sandbox.ports);
    else hostPorts.letGo(id);
  }
  const served = (id: string): boolean => model.get('sandboxes', id)?.resolver === true;
  // its sockets would keep the namespace
  for (const id of scopes.resolver) if (!served(id)) await resolver.forget(id);
  await Promise.all(Array.from(scopes.networks, (id) => reconciler.convergeNetwork(id)));
  // nothing begins behind rules that are not there
  const withFirewall = scopes.firewall || (scopes.sandboxes.size > 0 && retries.has('firewall'));
  await Promise.all([
    ...Array.from(scopes.sandboxes, (id) => reconciler.convergeSandbox(id)),
    withFirewall ? reconciler.convergeFirewall() : undefined,
  ]);
  for (const id of scopes.resolver) if (served(id)) await resolver.ensure(id);
}
