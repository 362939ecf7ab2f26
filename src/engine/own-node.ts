/** What this host says of itself to the others of its cluster, kept true while the engine runs. */
import { reportedRoutes } from '../model/host-routes.ts';
import type { Node } from '../model/node.ts';
import { bare } from '../net/address.ts';
import type { Core } from './core.ts';
import { routesOfOthers } from './host-routes.ts';

type Describing = Pick<Core, 'kernel' | 'hostRoutes' | 'model' | 'sharing' | 'logger'>;

/** Milliseconds between a change and its record, so that routes which come and go are few records. */
const collectTime = 2_000;

export class OwnNode {
  readonly #core: Describing;
  #timer: NodeJS.Timeout | undefined;

  constructor(core: Describing) {
    this.#core = core;
  }

  /** The host's routes or links may have changed. */
  look(): void {
    if (!this.#core.sharing.cluster) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#describe().catch((error) =>
        this.#core.logger.error('what this host says of itself is not renewed', { error }),
      );
    }, collectTime).unref();
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  async #describe(): Promise<void> {
    const { cluster } = this.#core.sharing;
    const routes = reportedRoutes(routesOfOthers(this.#core));
    await cluster?.describe((node) => ({ ...node, routes, mtu: this.#mtu(node) }));
  }

  /** Of the link that has its data address; as before while none has it. */
  #mtu({ data4, data6, mtu }: Node): number {
    const { route } = this.#core.kernel.host;
    const holder = route.listAddresses().find(({ address }) => [data4, data6].includes(bare(address)));
    return (holder && route.findLinkByIndex(holder.link)?.mtu) ?? mtu;
  }
}
