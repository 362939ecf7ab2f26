/**
 * How many endpoints hang on a network's own link and on each of its fanouts, kept beside the records so
 * that asking costs the same however many there are.
 */
import type { Endpoint } from './endpoint.ts';

export interface FanoutReader {
  /** Number of endpoints by fanout, '' for the network's own link; none for links without endpoints. */
  loads(networkId: string): ReadonlyMap<string, number>;
  /** The network that a fanout belongs to; undefined: no endpoint is on one of that name. */
  networkOf(fanout: string): string | undefined;
  /** Endpoints of all networks together. */
  readonly total: number;
}

const none: ReadonlyMap<string, number> = new Map();

export class FanoutIndex implements FanoutReader {
  readonly #loads = new Map<string, Map<string, number>>();
  readonly #networks = new Map<string, string>();
  #total = 0;

  get total(): number {
    return this.#total;
  }

  loads(networkId: string): ReadonlyMap<string, number> {
    return this.#loads.get(networkId) ?? none;
  }

  networkOf(fanout: string): string | undefined {
    return this.#networks.get(fanout);
  }

  take({ networkId, fanout = '' }: Endpoint): void {
    const loads = this.#loads.get(networkId) ?? new Map<string, number>();
    this.#loads.set(networkId, loads.set(fanout, (loads.get(fanout) ?? 0) + 1));
    if (fanout) this.#networks.set(fanout, networkId);
    this.#total++;
  }

  give({ networkId, fanout = '' }: Endpoint): void {
    const loads = this.#loads.get(networkId);
    const left = (loads?.get(fanout) ?? 0) - 1;
    this.#total--;
    if (left > 0) loads?.set(fanout, left);
    else {
      loads?.delete(fanout);
      this.#networks.delete(fanout);
      if (loads?.size === 0) this.#loads.delete(networkId);
    }
  }
}
