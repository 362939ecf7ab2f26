/** The swarm's networks that this node has a part in: their coming and going are events of scope local, as with Docker. */
import type { Network } from '../../../model/network.ts';
import type { Core } from '../../core.ts';
import { emit } from '../../network-events.ts';

export class GivenNetworks {
  readonly #core: Pick<Core, 'events'>;
  #here: ReadonlyMap<string, Network>;

  /** `known`: those of which it has been told before. */
  constructor(core: Pick<Core, 'events'>, known: Iterable<Network>) {
    this.#core = core;
    this.#here = new Map(Array.from(known, (network) => [network.id, network]));
  }

  /** All that there are now. */
  are(networks: readonly Network[]): void {
    const before = this.#here;
    this.#here = new Map(networks.map((network) => [network.id, network]));
    for (const [id, network] of before) if (!this.#here.has(id)) emit(this.#core, 'destroy', network);
    for (const [id, network] of this.#here) if (!before.has(id)) emit(this.#core, 'create', network);
  }
}
