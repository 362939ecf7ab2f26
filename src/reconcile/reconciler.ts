/** Makes the kernel agree with the model, scope by scope. */
import { dirname, join } from 'node:path';
import { fail } from '../errors.ts';
import type { FilterChange } from '../firewall/packet-filter.ts';
import type { Namespace } from '../kernel/kernel.ts';
import type { Sandbox } from '../model/sandbox.ts';
import type { Family } from '../net/family.ts';
import { type NamespaceRef, networkNamespace, parseNamespace } from '../objects/namespace-ref.ts';
import { Announcements } from './announcements.ts';
import type { Action } from './diff.ts';
import { ensureFanouts } from './fanouts.ts';
import { chooseBackend, type FirewallBackend, openFilter } from './filter/choose.ts';
import type { FirewallAction, FirewallScope } from './firewall-scope.ts';
import type { Agreement, Handles } from './handles.ts';
import { type HostRoutes, unwatchedHostRoutes } from './host-routes.ts';
import { HostSettings } from './host-settings.ts';
import { Listeners } from './listeners.ts';
import { Namespaces } from './namespaces.ts';
import { NeighbourAnnouncements } from './neighbour-announcements.ts';
import { NeighbourLimits } from './neighbour-limits.ts';
import { compareNetwork, type NetworkScopes } from './network-scope.ts';
import { type InnerListener, NetworkWatches } from './network-watches.ts';
import { ObeyScope } from './obey-scope.ts';
import { openFirewall } from './open-firewall.ts';
import type { ReconcilerOptions } from './reconciler-options.ts';
import { type Removed, removeAll } from './remove-all.ts';
import { Retries } from './retries.ts';
import { Runs, type ScopeStatus } from './runs.ts';
import { compareSandbox } from './sandbox-scope.ts';
import { type Converge, networkRuns, sandboxRuns } from './scope-runs.ts';
import { sealBy } from './seal.ts';
import { SecureTunnelsScope } from './secure-tunnels.ts';
import { straysOf, sweep } from './sweep.ts';

export type ActionListener = (scope: string, words: readonly string[]) => boolean;

/** `sandboxes`: whether those on the network follow if it has changed. `later`: not even if it had lost its link. */
type Which = { readonly sandboxes: boolean | 'later' };

/** Converging methods resolve with the number of actions. A failed scope is retried until it succeeds. */
export interface Reconciler {
  readonly firewallBackend: FirewallBackend;
  /** Converges a network, or removes one that is not in the model. Its sandboxes follow by default. */
  convergeNetwork(networkId: string, which?: Which): Promise<number>;
  /** Converges a sandbox, or removes one that is not in the model. */
  convergeSandbox(sandboxId: string): Promise<number>;
  /** As `convergeNetwork`, for healing: sandboxes follow only if the network's link was missing. */
  restoreNetwork(networkId: string): Promise<number>;
  /** As `convergeSandbox`, for healing: only its host side (`host-side.ts`). */
  restoreSandbox(sandboxId: string): Promise<number>;
  /** Renames a link of the engine back. */
  restoreName(index: number, name: string): void;
  /** Calls the listener when the kernel matches a scope's plan, until the returned function is called. */
  onAgreement(listener: (scope: Agreement) => void): () => void;
  /**
   * Calls the listener with what is done in a scope, in words, until the returned function is called. True where the
   * listener reports it.
   */
  onAction(listener: ActionListener): () => void;
  /** Calls the listener with events of namespaces of networks, until the returned function is called. */
  onInnerEvent(listener: InnerListener): () => void;
  convergeFirewall(): Promise<number>;
  /** As `convergeFirewall`, if another program has changed rules since. */
  restoreFirewall(): Promise<number>;
  /** As `convergeFirewall`, if forwarding that networks need is disabled. */
  restoreForwarding(): Promise<number>;
  /** Removes the engine's objects that the model does not want; for start-up, with the whole model loaded. */
  sweep(): Promise<number>;
  /** What `sweep` would remove. */
  strays(): readonly string[];
  /** Removes everything that is marked as the engine's; the model must be empty. See `remove-all.ts`. */
  removeAll(external: readonly Sandbox[]): Promise<Removed>;
  /**
   * What converging `network:ID`, `sandbox:ID` or `firewall` would do now. Changes nothing, and counts as no run. Throws
   * BUG for an unknown scope.
   */
  compare(scope: string): Promise<readonly (Action | FirewallAction)[]>;
  /** The namespace of a sandbox or a network, not to be closed by the caller. Throws BUG for an unknown sandbox, KERNEL. */
  namespaceOf(ref: NamespaceRef): Namespace;
  /** The number of the engine's firewall rules, by family, as of the last convergence. */
  firewallRules(): ReadonlyMap<Family, number>;
  /** The last runs of existing scopes, and failed ones. */
  status(): readonly ScopeStatus[];
  /** Waits for running scopes and closes the namespaces. Changes nothing. */
  close(): Promise<void>;
}

/** All methods are idempotent; a scope has one run at a time, different scopes run concurrently. */
export const createReconciler = (options: ReconcilerOptions): Reconciler => new KernelReconciler(options);

class KernelReconciler implements Reconciler {
  readonly firewallBackend: FirewallBackend;
  readonly #options: ReconcilerOptions;
  readonly #namespaces: Namespaces;
  readonly #retries: Retries;
  readonly #runs: Runs;
  readonly #settings: HostSettings;
  readonly #hostRoutes: HostRoutes;
  readonly #handles: Handles;
  readonly #firewall: FirewallScope<unknown, FilterChange>;
  readonly #neighbours: NeighbourLimits;
  readonly #tunnels: SecureTunnelsScope;
  readonly #links: NetworkScopes['links'] = new Map();
  readonly #listeners = new Listeners<(scope: Agreement) => void>();
  readonly #reporters = new Listeners<ActionListener>();
  readonly onAgreement = this.#listeners.add;
  readonly onAction = this.#reporters.add;
  readonly #watches: NetworkWatches;
  readonly #sandbox: Converge;
  readonly #network: Converge;

  constructor(options: ReconcilerOptions) {
    const { kernel, view, ownedRulesFile } = options;
    this.#options = options;
    this.#namespaces = new Namespaces(options);
    this.#watches = new NetworkWatches({ kernel, known: (ref) => this.#namespaces.known(ref) });
    this.#retries = options.retries ?? new Retries(options.logger);
    this.#runs = new Runs({ ...options, retries: this.#retries });
    this.#settings = new HostSettings(join(dirname(ownedRulesFile), 'host-settings.json'), kernel.host);
    this.#hostRoutes = options.hostRoutes ?? unwatchedHostRoutes(kernel, view);
    this.#handles = this.#openHandles();
    this.firewallBackend = chooseBackend(options.config.firewallBackend ?? '', kernel);
    this.#firewall = openFirewall({
      ...options,
      backend: this.firewallBackend,
      hostRoutes: this.#hostRoutes,
      obey: new ObeyScope(this.#handles, this.#runs.tracer('firewall')),
      trace: this.#runs.tracer('firewall'),
      tell: (words) => this.#handles.tell('firewall', words),
      forgetFlows: (stale) => kernel.forgetStaleFlows(stale),
    });
    this.#neighbours = new NeighbourLimits({ ...options, host: this.#settings });
    this.#tunnels = new SecureTunnelsScope({
      ...{ kernel, view: options.view },
      privateKey: options.tunnelKey ?? noKey,
      // nftables has no raw table to be left out
      isGuarded: options.config.ip6tables && (this.firewallBackend === 'nftables' || !options.noRawTable),
      configFile: join(dirname(ownedRulesFile), 'wireguard.conf'),
      trace: this.#runs.tracer('tunnels'),
    });
    this.#sandbox = sandboxRuns(this.#runs, (scope) => this.#sandboxScopes(scope));
    this.#network = networkRuns(this.#runs, (scope) => this.#networkScopes(scope), this.#sandbox);
  }

  convergeNetwork(id: string, { sandboxes }: Which = { sandboxes: true }): Promise<number> {
    return this.#network(id, sandboxes === 'later' ? ['alone'] : sandboxes ? ['sandboxes'] : []);
  }

  async convergeSandbox(id: string): Promise<number> {
    const { view, kernel } = this.#options;
    this.#neighbours.ensure(view.fanouts.total);
    // not part of the sandbox's run, which a network's run may be waiting for
    await ensureFanouts(id, {
      ...{ view, host: kernel.host.route, converge: this.#network },
      busy: (network) => this.#runs.busy(`network:${network}`),
      hasNamespace: (network) => this.#namespaces.find(networkNamespace(network)) !== undefined,
    });
    return this.#sandbox(id, ['whole']);
  }

  restoreNetwork(id: string): Promise<number> {
    return this.#network(id, ['fanouts']);
  }

  restoreSandbox(id: string): Promise<number> {
    return this.#sandbox(id, []);
  }

  restoreName(index: number, name: string): void {
    this.#options.kernel.host.route.changeLink(index, { name });
  }

  onInnerEvent(listener: InnerListener): () => void {
    return this.#watches.listen(listener);
  }

  convergeFirewall(): Promise<number> {
    const converge = () => this.#firewall.converge();
    return this.#runs.run('firewall', { converge, again: () => this.convergeFirewall() });
  }

  async restoreFirewall(): Promise<number> {
    return (await this.#firewall.wasChanged()) ? this.convergeFirewall() : 0;
  }

  async restoreForwarding(): Promise<number> {
    return this.#firewall.closedFamilies().length === 0 ? 0 : this.convergeFirewall();
  }

  strays(): readonly string[] {
    return straysOf(this.#sandboxScopes('sweep'));
  }

  sweep(): Promise<number> {
    const converge = async () => {
      await this.#tunnels.converge();
      return sweep(this.#sandboxScopes('sweep'));
    };
    return this.#runs.run('sweep', { converge, again: () => this.sweep() });
  }

  removeAll(external: readonly Sandbox[]): Promise<Removed> {
    return removeAll({
      scopes: this.#sandboxScopes('removal'),
      external,
      removeTunnels: () => this.#tunnels.remove(),
      removeFirewall: () => this.#firewall.remove(),
      giveSettingsBack: () => this.#settings.giveBack(),
    });
  }

  async compare(scope: string): Promise<readonly (Action | FirewallAction)[]> {
    const { kernel, view } = this.#options;
    const [kind, id = ''] = scope.split(':');
    if (scope === 'firewall') return this.#firewall.compare(openFilter(this.firewallBackend, kernel));
    if (kind === 'network' && view.get('networks', id)) return compareNetwork(id, this.#networkScopes(scope));
    if (kind === 'sandbox' && view.get('sandboxes', id))
      return compareSandbox(id, this.#sandboxScopes(scope));
    throw fail('BUG', `no scope ${scope}`);
  }

  namespaceOf(ref: NamespaceRef): Namespace {
    return this.#namespaces.of(ref);
  }

  firewallRules(): ReadonlyMap<Family, number> {
    return this.#firewall.rules();
  }

  status(): readonly ScopeStatus[] {
    return this.#runs.status();
  }

  async close(): Promise<void> {
    if (!this.#options.retries) this.#retries.close();
    await this.#runs.idle();
    this.#watches.closeAll();
    this.#namespaces.closeAll();
  }

  #openHandles(): Handles {
    const { kernel, view, ownedRulesFile } = this.#options;
    const namespaces = this.#namespaces;
    const watches = this.#watches;
    const announcements = new Announcements({
      view,
      namespace: (id) => namespaces.known(id),
      trace: (id, line) => this.#runs.tracer(`sandbox:${id}`)(line),
    });
    const neighbours = new NeighbourAnnouncements({
      namespace: (ref) => namespaces.known(ref),
      trace: (ref, line) => this.#runs.tracer(ref)(line),
    });
    return {
      kernel,
      settings: this.#settings,
      seal: sealBy(join(dirname(ownedRulesFile), 'seal-key')),
      namespace: (ref) => namespaces.of(ref),
      find: (ref) => namespaces.find(ref),
      createNamespace: (ref) => namespaces.create(networkOf(ref)),
      removeNamespace: (ref) => {
        watches.close(ref);
        return namespaces.remove(networkOf(ref));
      },
      announce: (at) => announcements.announce(at),
      announceNeighbour: (at) => neighbours.announce(at),
      ...{ unwatch: (ref) => watches.close(ref), drain: (objects) => watches.drain(objects) },
      tell: (scope, words) => [...this.#reporters].map((report) => report(scope, words)).includes(true),
      agrees: (scope) => {
        watches.follow(scope);
        for (const listener of this.#listeners) listener(scope);
      },
    };
  }

  #networkScopes(scope: string) {
    return { ...this.#context(scope), links: this.#links, tunnels: this.#tunnels };
  }

  #sandboxScopes(scope: string) {
    return { ...this.#context(scope), namespaces: this.#namespaces };
  }

  /** The context of a run of the scope. */
  #context(scope: string) {
    const trace = this.#runs.tracer(scope);
    return { ...this.#options, hostRoutes: this.#hostRoutes, handles: this.#handles, trace };
  }
}

function noKey(): never {
  throw fail('KERNEL', 'set up encrypted networks', 'this host has no key');
}

/** Those of sandboxes are made and removed by their scope (`sandbox-scope.ts`). */
function networkOf(ref: NamespaceRef): string {
  const parsed = parseNamespace(ref);
  if (parsed.of !== 'network') throw fail('BUG', `no network's namespace: ${ref}`);
  return parsed.id;
}
