/** Which MAC addresses are in use in which network, so that asking costs the same however many there are. */
import type { Endpoint } from './endpoint.ts';

export interface MacReader {
  isTaken(networkId: string, mac: string): boolean;
}

export class MacIndex implements MacReader {
  /** Number of endpoints by network and address: several may request the same address. */
  readonly #users = new Map<string, number>();

  isTaken(networkId: string, mac: string): boolean {
    return this.#users.has(`${networkId} ${mac}`);
  }

  take({ networkId, mac }: Pick<Endpoint, 'networkId' | 'mac'>): void {
    if (mac) this.#add(`${networkId} ${mac}`, 1);
  }

  give({ networkId, mac }: Pick<Endpoint, 'networkId' | 'mac'>): void {
    if (mac) this.#add(`${networkId} ${mac}`, -1);
  }

  #add(key: string, by: 1 | -1): void {
    const users = (this.#users.get(key) ?? 0) + by;
    if (users > 0) this.#users.set(key, users);
    else this.#users.delete(key);
  }
}
