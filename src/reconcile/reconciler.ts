/** The reconciler: makes the kernel agree with the model, scope by scope. */
import { dirname, join } from 'node:path';
import { fail } from '../errors.ts';
import type { Kernel, Namespace, RouteSocket } from '../kernel/kernel.ts';
import type { Sandbox } from '../model/sandbox.ts';
import type { View } from '../model/tables.ts';
import { type NamespaceRef, placeOf } from '../objects/namespace-ref.ts';
import type { Facts } from '../objects/object.ts';
import type { Logger } from '../observe/logger.ts';
import { Announcements } from './announcements.ts';
import type { Action } from './diff.ts';
import { ensureExtensions } from './extensions.ts';
import { IptablesFilter } from './filter/iptables-filter.ts';
import { type FirewallAction, type FirewallConfig, FirewallScope } from './firewall-scope.ts';
import { type HostRoutes, unwatchedHostRoutes } from './host-routes.ts';
import { HostSettings } from './host-settings.ts';
import { hostSide } from './host-side.ts';
import { Namespaces } from './namespaces.ts';
import { NeighbourLimits } from './neighbour-limits.ts';
import { compareNetwork, type NetworkScopes, reconcileNetwork } from './network-scope.ts';
import type { Agreement, Place } from './place.ts';
import { type Removed, removeAll } from './remove-all.ts';
import { Retries } from './retries.ts';
import { type Need, type Run, Runs, type ScopeStatus } from './runs.ts';
import { compareSandbox, reconcileSandbox, type SandboxScopes } from './sandbox-scope.ts';
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
  readonly hostRoutes?: HostRoutes;
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
  /** The network's link; of one that is not in the model it is removed. Its sandboxes follow unless they are left out. */
  convergeNetwork(networkId: string, which?: { readonly sandboxes: boolean }): Promise<number>;
  /** The sandbox's namespace and all in it; of one that is not in the model they are removed. */
  convergeSandbox(sandboxId: string): Promise<number>;
  /** As `convergeNetwork`, for healing: a sandbox follows only where the network's link was gone. */
  restoreNetwork(networkId: string): Promise<number>;
  /** As `convergeSandbox`, for healing: only what its host side has lost (`host-side.ts`). */
  restoreSandbox(sandboxId: string): Promise<number>;
  /** Gives a link of the engine's its name back. */
  restoreName(index: number, name: string): void;
  /** Be told whenever the kernel has been observed to agree with a scope; the function returned ends it. */
  onAgreement(listener: (scope: Agreement) => void): () => void;
  convergeFirewall(): Promise<number>;
  /** As `convergeFirewall`, if anybody but the engine has changed rules since. */
  restoreFirewall(): Promise<number>;
  /** As `convergeFirewall`, if the host does not forward what networks need. */
  restoreForwarding(): Promise<number>;
  /** At start-up, with the whole model loaded: removes what is ours and no longer wanted. */
  sweep(): Promise<number>;
  /** Everything on the host that says that it is the engine's; the model must be empty. See `remove-all.ts`. */
  removeAll(foreign: readonly Sandbox[]): Promise<Removed>;
  /**
   * What converging `network:ID`, `sandbox:ID` or `firewall` would do, as the kernel is at the moment. Changes nothing,
   * and counts as no run. Throws BUG for a scope that the model does not have.
   */
  compare(scope: string): Promise<readonly (Action | FirewallAction)[]>;
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
  const namespaces = new Namespaces(options);
  const retries = options.retries ?? new Retries(options.logger);
  const runs = new Runs({ ...options, retries });
  const announcements = new Announcements({
    view,
    namespace: (id) => namespaces.known(id),
    trace: (id, line) => runs.tracer(`sandbox:${id}`)(line),
  });
  const listeners = new Set<(scope: Agreement) => void>();
  const settings = new HostSettings(join(dirname(options.ownedRulesFile), 'host-settings.json'), kernel.host);
  const place: Place = {
    kernel,
    settings,
    namespace: (ref) => namespaces.of(ref),
    find: (ref) => namespaces.find(ref),
    createNamespace: (ref) => namespaces.create(networkOf(ref)),
    removeNamespace: (ref) => namespaces.remove(networkOf(ref)),
    announce: (at) => announcements.announce(at),
    agrees: (scope) => {
      for (const listener of listeners) listener(scope);
    },
  };
  const hostRoutes = options.hostRoutes ?? unwatchedHostRoutes(kernel, view);
  const filter = new IptablesFilter(kernel);
  const firewall = new FirewallScope({
    ...options,
    host: kernel.host,
    filter,
    hostRoutes,
    trace: runs.tracer('firewall'),
  });
  const context = (scope: string) => ({ ...options, hostRoutes, place, trace: runs.tracer(scope) });
  const sandbox = sandboxRuns(runs, (scope) => ({ ...context(scope), namespaces }));
  const links: NetworkScopes['links'] = new Map();
  const network = networkRuns(runs, (scope) => ({ ...context(scope), links }), sandbox);
  const extensions = {
    view,
    host: kernel.host.route,
    converge: network,
    busy: (id: string) => runs.busy(`network:${id}`),
  };
  const neighbours = new NeighbourLimits({ ...options, host: settings });
  const convergeFirewall = (): Promise<number> =>
    runs.run('firewall', { converge: () => firewall.converge(), again: convergeFirewall });
  const compare: Reconciler['compare'] = async (scope) => {
    const [kind, id = ''] = scope.split(':');
    if (scope === 'firewall') return firewall.compare(new IptablesFilter(kernel));
    if (kind === 'network' && view.get('networks', id))
      return compareNetwork(id, { ...context(scope), links });
    if (kind === 'sandbox' && view.get('sandboxes', id))
      return compareSandbox(id, { ...context(scope), namespaces });
    throw fail('BUG', `no scope ${scope}`);
  };
  const sweepAll = (): Promise<number> =>
    runs.run('sweep', { converge: () => sweep({ ...context('sweep'), namespaces }), again: sweepAll });
  return {
    restoreNetwork: (id) => network(id, ['extensions']),
    restoreSandbox: (id) => sandbox(id, []),
    restoreName: (index, name) => restoreName(kernel.host.route, index, name),
    onAgreement: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    convergeNetwork: (id, which = { sandboxes: true }) => network(id, which.sandboxes ? ['sandboxes'] : []),
    // not part of the sandbox's own run, for which a network's run may be waiting
    async convergeSandbox(id) {
      neighbours.ensure(view.extensions.total);
      await ensureExtensions(id, extensions);
      return sandbox(id, ['whole']);
    },
    convergeFirewall,
    restoreFirewall: async () => ((await firewall.wasChanged()) ? convergeFirewall() : 0),
    restoreForwarding: async () => (firewall.closedFamilies().length === 0 ? 0 : convergeFirewall()),
    sweep: sweepAll,
    removeAll: (foreign) =>
      removeAll({
        scopes: { ...context('removal'), namespaces },
        foreign,
        removeFirewall: () => firewall.remove(),
        giveSettingsBack: () => settings.giveBack(),
      }),
    compare,
    namespaceOf: (sandboxId) => namespaces.of(sandboxId),
    status: () => runs.status(),
    async close() {
      if (!options.retries) retries.close();
      await runs.idle();
      namespaces.closeAll();
    },
  };
}

/** Those of sandboxes are made and removed by their scope (`sandbox-scope.ts`). */
function networkOf(ref: NamespaceRef): string {
  const place = placeOf(ref);
  if (place.of !== 'network') throw fail('BUG', `no network's namespace: ${ref}`);
  return place.id;
}

type Converge = (id: string, needs: readonly Need[]) => Promise<number>;

function sandboxRuns(runs: Runs, context: (scope: string) => SandboxScopes): Converge {
  const request: Converge = (id, wanted) => {
    const scope = `sandbox:${id}`;
    const scopes = context(scope);
    const run: Run = {
      converge: (needs) => reconcileSandbox(id, scopes, needs.has('whole') ? undefined : hostSide),
      stays: () => scopes.view.get('sandboxes', id) !== undefined,
      again: (needs) => request(id, [...needs]),
    };
    return runs.run(scope, run, wanted);
  };
  return request;
}

/** A bridge that was recreated has lost its ports, and an MTU is that of both: the sandboxes follow. */
function networkRuns(runs: Runs, context: (scope: string) => NetworkScopes, sandbox: Converge): Converge {
  const request: Converge = (id, wanted) => {
    const scope = `network:${id}`;
    const scopes = context(scope);
    const converge: Run['converge'] = async (needs) => {
      const isLost = isLinkLost(id, { ...scopes, extensions: needs.has('extensions') });
      const whole = needs.has('sandboxes');
      const actions = await reconcileNetwork(id, scopes);
      const ends = (whole || isLost) && actions > 0 ? scopes.view.endpointsOfNetwork(id) : [];
      // how a sandbox fares is its own status, and no failure of the network
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

/** A link that is up takes another name on Linux 6.2 and later; before that it must be down. */
function restoreName(route: RouteSocket, index: number, name: string): void {
  try {
    route.changeLink(index, { name });
  } catch {
    route.changeLink(index, { up: false });
    route.changeLink(index, { name });
    route.changeLink(index, { up: true });
  }
}

/** The network's own link, or one of its extensions, is not there, so that sandboxes are not connected. */
function isLinkLost(
  id: string,
  { view, place, extensions }: Omit<NetworkScopes, 'links'> & { readonly extensions: boolean },
): boolean {
  const { route } = place.kernel.host;
  const names = [view.get('networks', id)?.link, ...(extensions ? view.extensions.loads(id).keys() : [])];
  return names.some((name) => name && route.findLink(name) === undefined);
}
