/**
 * Extensions come with the first endpoint that is on them and go with the last: the network's scope makes and
 * removes them, and this asks it to, around the runs of sandboxes.
 */
import type { RouteSocket } from '../kernel/kernel.ts';
import type { View } from '../model/tables.ts';

export interface ExtensionsContext {
  readonly view: View;
  readonly host: Pick<RouteSocket, 'findLink'>;
  /** Converges the network's own links, and its sandboxes as well where those need it. */
  converge(networkId: string, needs: { readonly sandboxes: boolean }): Promise<unknown>;
  /** Whether the network converges at the time, so that what is there may be about to go. */
  busy(networkId: string): boolean;
}

export class Extensions {
  readonly #context: ExtensionsContext;
  /** Extensions that sandboxes have been put on, with their networks. */
  readonly #used = new Map<string, string>();

  constructor(context: ExtensionsContext) {
    this.#context = context;
  }

  /** Before a sandbox converges: what its endpoints are put on is there. */
  async ensure(sandboxId: string): Promise<void> {
    const { view, host, converge, busy } = this.#context;
    for (const { networkId, extension } of view.endpointsOfSandbox(sandboxId)) {
      if (extension === undefined) continue;
      this.#used.set(extension, networkId);
      if (!busy(networkId) && host.findLink(extension)) continue;
      // others that are on it have lost their links with it
      await converge(networkId, { sandboxes: (view.extensions.loads(networkId).get(extension) ?? 0) > 1 });
    }
  }

  /** After a sandbox has converged: what nobody is on any more is removed. */
  async prune(): Promise<void> {
    const { view, converge } = this.#context;
    const idle = [...this.#used].filter(([extension]) => view.extensions.networkOf(extension) === undefined);
    for (const [extension] of idle) this.#used.delete(extension);
    for (const networkId of new Set(idle.map(([, id]) => id)))
      await converge(networkId, { sandboxes: false });
  }
}
