/**
 * Routes of the host to endpoints (`seaway.host_access`) are the network's: its scope makes and removes them,
 * and this asks it to when a sandbox has come onto such a network or off it.
 */
import { accessLinkOf } from '../model/host-links.ts';
import type { View } from '../model/tables.ts';

export interface HostAccessContext {
  readonly view: View;
  /** Converges the network's own objects. */
  converge(networkId: string): Promise<unknown>;
}

export class HostRoutes {
  readonly #context: HostAccessContext;
  /** Such networks, by the sandboxes that have been on them. */
  readonly #known = new Map<string, ReadonlySet<string>>();

  constructor(context: HostAccessContext) {
    this.#context = context;
  }

  /** After a sandbox has converged. */
  async follow(sandboxId: string): Promise<void> {
    const { view, converge } = this.#context;
    const now = new Set(
      view.endpointsOfSandbox(sandboxId).flatMap(({ networkId }) => {
        const network = view.get('networks', networkId);
        return network && accessLinkOf(view.drivers, network) ? [networkId] : [];
      }),
    );
    const before = this.#known.get(sandboxId) ?? new Set();
    if (now.size > 0) this.#known.set(sandboxId, now);
    else this.#known.delete(sandboxId);
    for (const networkId of new Set([...before, ...now]))
      if (view.get('networks', networkId)) await converge(networkId);
  }
}
