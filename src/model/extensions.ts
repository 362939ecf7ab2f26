/**
 * How many endpoints hang on a network's own link and on each of its extensions, kept beside the records so
 * that asking costs the same however many there are.
 */
import type { Endpoint } from './endpoint.ts';

export interface ExtensionReader {
  /** Endpoints by extension, '' for the network's own link; those without any are left out. */
  loads(networkId: string): ReadonlyMap<string, number>;
  /** The network that an extension belongs to; undefined: no endpoint is on one of that name. */
  networkOf(extension: string): string | undefined;
  /** Endpoints of all networks together. */
  readonly total: number;
}

const none: ReadonlyMap<string, number> = new Map();

export class ExtensionIndex implements ExtensionReader {
  readonly #loads = new Map<string, Map<string, number>>();
  readonly #networks = new Map<string, string>();
  #total = 0;

  get total(): number {
    return this.#total;
  }

  loads(networkId: string): ReadonlyMap<string, number> {
    return this.#loads.get(networkId) ?? none;
  }

  networkOf(extension: string): string | undefined {
    return this.#networks.get(extension);
  }

  take({ networkId, extension = '' }: Endpoint): void {
    const loads = this.#loads.get(networkId) ?? new Map<string, number>();
    this.#loads.set(networkId, loads.set(extension, (loads.get(extension) ?? 0) + 1));
    if (extension) this.#networks.set(extension, networkId);
    this.#total++;
  }

  give({ networkId, extension = '' }: Endpoint): void {
    const loads = this.#loads.get(networkId);
    const left = (loads?.get(extension) ?? 0) - 1;
    this.#total--;
    if (left > 0) loads?.set(extension, left);
    else {
      loads?.delete(extension);
      this.#networks.delete(extension);
      if (loads?.size === 0) this.#loads.delete(networkId);
    }
  }
}
