/** The reconciler: makes the kernel agree with the model, scope by scope. */
import type { Kernel, Namespace } from '../kernel/kernel.ts';
import type { View } from '../model/tables.ts';
import type { Facts } from '../objects/object.ts';
import type { Logger } from '../observe/logger.ts';
import { Announcements } from './announcements.ts';
import { Extensions } from './extensions.ts';
import { type FirewallConfig, FirewallScope } from './firewall-scope.ts';
import { HostRoutes } from './host-access.ts';
import { Namespaces } from './namespaces.ts';
import { NeighbourLimits } from './neighbour-limits.ts';
import { convergeNetwork, type NetworkScopes } from './network-scope.ts';
import { directOutlook, type Outlook } from './outlook.ts';
import type { Place } from './place.ts';
import { Retries } from './retries.ts';
import { Runs, type ScopeStatus } from './runs.ts';
import { convergeSandbox, type SandboxScopes } from './sandbox-scope.ts';
import { sweep } from './sweep.ts';

export interface ReconcilerOptions {
  readonly kernel: Kernel;
  readonly view: View;
  readonly facts: () => Facts;
  /** Where the engine's own namespaces are bound, each as a file named by its sandbox's id or the start of it. */
  readonly namespacesFolder: string;
  readonly config: FirewallConfig;
  /** See `FirewallContext`. */
  readonly noRawTable?: boolean;
  /** Where the host's routes lead; by default read whenever it is asked for. */
  readonly outlook?: Outlook;
  /** File for what the kernel does not remember of the firewall; below the exec root, gone with a reboot. */
  readonly ownedRulesFile: string;
  readonly logger: Logger;
  /** Scopes that fail are tried again by it. */
  readonly retries?: Retries;
  /** Told of every action, in a line of `k=v`. */
  readonly trace?: (line: string) => void;
}

/** What converges resolves with the number of actions. A scope that fails is tried again until it succeeds. */
export interface Reconciler {
  /** The network's link; of one that is not in the model it is removed. */
  convergeNetwork(networkId: string): Promise<number>;
  /** The sandbox's namespace and all in it; of one that is not in the model they are removed. */
  convergeSandbox(sandboxId: string): Promise<number>;
  convergeFirewall(): Promise<number>;
  /** As `convergeFirewall`, if anybody but the engine has changed rules since. */
  healFirewall(): Promise<number>;
  /** At start-up, with the whole model loaded: removes what is ours and no longer wanted. */
  sweep(): Promise<number>;
  /** Open as long as its sandbox is there; not to be closed by the caller. Throws BUG for an unknown sandbox. */
  namespaceOf(sandboxId: string): Namespace;
  /** Scopes that were converged and are still there, and those that failed. */
  status(): readonly ScopeStatus[];
  /** Waits for what is under way and lets go of the namespaces. Changes nothing. */
  close(): Promise<void>;
}

/** All methods are idempotent; one run at a time per scope, different scopes side by side. */
export function createReconciler(options: ReconcilerOptions): Reconciler {
  const { kernel, view } = options;
  const namespaces = new Namespaces(kernel, view);
  const retries = options.retries ?? new Retries(options.logger);
  const runs = new Runs({ ...options, retries });
  const announcements = new Announcements({
    view,
    namespace: (id) => namespaces.known(id),
    trace: (id, line) => runs.tracer(`sandbox:${id}`)(line),
  });
  const place: Place = {
    kernel,
    namespace: (ref) => (ref === 'host' ? kernel.host : namespaces.of(ref)),
    announce: (at) => announcements.announce(at),
  };
  const outlook = options.outlook ?? directOutlook(kernel, view);
  const firewall = new FirewallScope({ ...options, outlook, trace: runs.tracer('firewall') });
  const context = (scope: string) => ({ ...options, outlook, place, trace: runs.tracer(scope) });
  const sandbox = sandboxRuns(runs, (scope) => ({ ...context(scope), namespaces }));
  const network = networkRuns(runs, context, sandbox);
  const extensions = new Extensions({
    view,
    host: kernel.host.route,
    converge: network,
    busy: (id) => runs.busy(`network:${id}`),
  });
  const hostRoutes = new HostRoutes({ view, converge: (id) => network(id, { sandboxes: false }) });
  const neighbours = new NeighbourLimits({ ...options, host: kernel.host });
  const convergeFirewall = (): Promise<number> =>
    runs.run('firewall', { converge: () => firewall.converge(), again: convergeFirewall });
  const sweepAll = (): Promise<number> =>
    runs.run('sweep', { converge: () => sweep(context('sweep')), again: sweepAll });
  return {
    convergeNetwork: (id) => network(id, { sandboxes: true }),
    // not part of the sandbox's own run, for which a network's run may be waiting
    async convergeSandbox(id) {
      neighbours.ensure(view.extensions.total);
      await extensions.ensure(id);
      const actions = await sandbox(id);
      await extensions.prune();
      await hostRoutes.follow(id);
      return actions;
    },
    convergeFirewall,
    healFirewall: async () => (firewall.isAsLeft() ? 0 : convergeFirewall()),
    sweep: sweepAll,
    namespaceOf: (sandboxId) => namespaces.of(sandboxId),
    status: () => runs.status(),
    async close() {
      if (!options.retries) retries.close();
      await runs.idle();
      namespaces.closeAll();
    },
  };
}

type Converge = (id: string) => Promise<number>;

function sandboxRuns(runs: Runs, context: (scope: string) => SandboxScopes): Converge {
  const converge: Converge = (id) => {
    const scope = `sandbox:${id}`;
    const scopes = context(scope);
    return runs.run(scope, {
      converge: () => convergeSandbox(id, scopes),
      stays: () => scopes.view.get('sandboxes', id) !== undefined,
      again: () => converge(id),
    });
  };
  return converge;
}

/** A bridge that was made anew has lost its ports, and an MTU is that of both: the sandboxes follow. */
function networkRuns(
  runs: Runs,
  context: (scope: string) => Omit<NetworkScopes, 'links'>,
  sandbox: Converge,
): (id: string, needs: { readonly sandboxes: boolean }) => Promise<number> {
  const links: NetworkScopes['links'] = new Map();
  // several may ask for one run
  const wanted = new Set<string>();
  const request = (id: string, needs: { readonly sandboxes: boolean }): Promise<number> => {
    const scope = `network:${id}`;
    const scopes = { ...context(scope), links };
    if (needs.sandboxes) wanted.add(id);
    const converge = async (): Promise<number> => {
      const follow = wanted.delete(id) || isLinkLost(id, scopes);
      const actions = await convergeNetwork(id, scopes);
      const ends = follow && actions > 0 ? scopes.view.endpointsOfNetwork(id) : [];
      // how a sandbox fares is its own status, and no failure of the network
      await Promise.allSettled([...new Set(ends.map(({ sandboxId }) => sandboxId))].map(sandbox));
      return actions;
    };
    return runs.run(scope, {
      converge,
      stays: () => scopes.view.get('networks', id) !== undefined,
      again: () => request(id, { sandboxes: true }),
    });
  };
  return request;
}

/** The network's own link is not there, so that no sandbox is connected. */
function isLinkLost(id: string, { view, place }: Omit<NetworkScopes, 'links'>): boolean {
  const link = view.get('networks', id)?.link ?? '';
  return link !== '' && place.kernel.host.route.findLink(link) === undefined;
}
