/** Endpoints that drivers are being asked for, and that are not on record yet: their networks stay meanwhile. */
import { fail } from '../errors.ts';
import type { Network } from '../model/network.ts';

interface Preparation {
  readonly id: string;
  /** Of the endpoint. */
  readonly name: string;
  readonly networkId: string;
}

export class Preparations {
  readonly #current = new Set<Preparation>();

  begin(preparation: Preparation): void {
    this.#current.add(preparation);
  }

  end(preparation: Preparation): void {
    this.#current.delete(preparation);
  }

  /** Throws NETWORK_IN_USE in Docker's words. */
  refuseRemoval({ id, name }: Pick<Network, 'id' | 'name'>): void {
    const found = [...this.#current].filter(({ networkId }) => networkId === id);
    const names = found.map((one) => `name:"${one.name}" id:"${one.id.slice(0, 12)}"`).join(', ');
    if (found.length > 0) throw fail('NETWORK_IN_USE', name, id, names);
  }
}
