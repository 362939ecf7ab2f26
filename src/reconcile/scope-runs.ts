/** Runs of networks and sandboxes. */
import { networkNamespace } from '../objects/namespace-ref.ts';
import { hostSide } from './host-side.ts';
import { type NetworkScopes, reconcileNetwork } from './network-scope.ts';
import type { Need, Run, Runs } from './runs.ts';
import { reconcileSandbox, type SandboxScopes } from './sandbox-scope.ts';

/** Requests a run of a scope, by the id of its network or sandbox. Resolves with the number of actions. */
export type Converge = (id: string, needs: readonly Need[]) => Promise<number>;

export function sandboxRuns(runs: Runs, context: (scope: string) => SandboxScopes): Converge {
  const request: Converge = (id, wanted) => {
    const scope = `sandbox:${id}`;
    const scopes = context(scope);
    const run: Run = {
      converge: (needs) => (needs.has('whole') ? whole(id, scopes) : reconcileSandbox(id, scopes, hostSide)),
      stays: () => scopes.view.get('sandboxes', id) !== undefined,
      again: (needs) => request(id, [...needs]),
    };
    return runs.run(scope, run, wanted);
  };
  return request;
}

async function whole(id: string, scopes: SandboxScopes): Promise<number> {
  const agrees = scopes.follows?.(id);
  const actions = await reconcileSandbox(id, scopes);
  agrees?.();
  return actions;
}

/** Sandboxes follow their network: a recreated bridge has lost its ports, and both share the MTU. */
export function networkRuns(
  runs: Runs,
  context: (scope: string) => NetworkScopes,
  sandbox: Converge,
): Converge {
  const request: Converge = (id, wanted) => {
    const scope = `network:${id}`;
    const scopes = context(scope);
    const converge: Run['converge'] = async (needs) => {
      const isLost = !needs.has('alone') && isLinkLost(id, { ...scopes, fanouts: needs.has('fanouts') });
      const whole = needs.has('sandboxes');
      const actions = await reconcileNetwork(id, scopes);
      const ends = (whole || isLost) && actions > 0 ? scopes.view.endpointsOfNetwork(id) : [];
      // a sandbox's failure has its own status, and is no failure of the network
      await Promise.allSettled(
        [...new Set(ends.map(({ sandboxId }) => sandboxId))].map((end) =>
          sandbox(end, whole ? ['whole'] : []),
        ),
      );
      return actions;
    };
    const stays = (): boolean => scopes.view.get('networks', id) !== undefined;
    return runs.run(scope, { converge, stays, again: () => request(id, ['sandboxes']) }, wanted);
  };
  return request;
}

/** Whether the network's link or namespace, or one of its fanouts, is missing, so that sandboxes are disconnected. */
function isLinkLost(
  id: string,
  { view, handles, fanouts }: Omit<NetworkScopes, 'links'> & { readonly fanouts: boolean },
): boolean {
  if (fanouts && view.get('networks', id)?.overlay && !handles.find(networkNamespace(id))) return true;
  const { route } = handles.kernel.host;
  const names = [view.get('networks', id)?.link, ...(fanouts ? view.fanouts.loads(id).keys() : [])];
  return names.some((name) => name && route.findIndex(name) === undefined);
}
