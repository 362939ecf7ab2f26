/** Addresses and MACs in use on the networks of a swarm. */
import { AddressSet } from '../../ipam/address-set.ts';
import { bare, contains, parseCidr, readAddress } from '../../net/address.ts';
import { type Family, familyOf } from '../../net/family.ts';
import type { SwarmNetwork } from '../records.ts';

interface Part {
  readonly family: Family;
  readonly text: string;
  readonly subnet: ReturnType<typeof parseCidr>;
  readonly set: AddressSet;
  /** The newest address in use: others are looked for after it, so that freed ones come last. */
  last: string | undefined;
  lastAt: string;
}

export interface Holding {
  readonly networkId: string;
  /** With prefix length. */
  readonly addresses: readonly string[];
  readonly mac: string;
  /** RFC 3339: when they were given. */
  readonly at: string;
}

export class AddressBook {
  readonly #networks = new Map<string, { readonly parts: readonly Part[]; readonly macs: Set<string> }>();

  add({ id, network }: SwarmNetwork): void {
    if (this.#networks.has(id)) return;
    const parts = network.ipam.pools.map((pool) => ({
      family: familyOf(pool.subnet),
      text: pool.subnet,
      subnet: parseCidr(pool.subnet),
      set: new AddressSet(pool),
      last: undefined,
      lastAt: '',
    }));
    this.#networks.set(id, { parts, macs: new Set() });
  }

  forget(networkId: string): void {
    this.#networks.delete(networkId);
  }

  hold({ networkId, addresses, mac, at }: Holding): void {
    const found = this.#networks.get(networkId);
    if (mac !== '') found?.macs.add(mac);
    for (const address of addresses) {
      const held = bare(address);
      const part = this.#partOf(networkId, held);
      part?.set.reserve(held);
      if (!part || at < part.lastAt) continue;
      part.last = held;
      part.lastAt = at;
    }
  }

  release({ networkId, addresses, mac }: Holding): void {
    this.#networks.get(networkId)?.macs.delete(mac);
    for (const address of addresses) this.#partOf(networkId, bare(address))?.set.release(bare(address));
  }

  /** The next free address of the family, with prefix length; undefined where none is left. */
  next(networkId: string, family: Family): string | undefined {
    for (const part of this.#networks.get(networkId)?.parts ?? []) {
      if (part.family !== family) continue;
      const found = (part.last && part.set.firstFree(part.last)) || part.set.firstFree();
      if (found !== undefined) return `${found}/${part.subnet.prefix}`;
    }
    return undefined;
  }

  /** That address with its prefix length; undefined where it is not free, or not of the network. */
  particular(networkId: string, address: string): string | undefined {
    const part = this.#partOf(networkId, address);
    return part?.set.isFree(address) ? `${address}/${part.subnet.prefix}` : undefined;
  }

  hasMac(networkId: string, mac: string): boolean {
    return this.#networks.get(networkId)?.macs.has(mac) ?? false;
  }

  /** By subnet, the fixed addresses of its pool included. */
  status(
    networkId: string,
  ): readonly { readonly subnet: string; readonly used: bigint; readonly free: bigint }[] {
    const parts = this.#networks.get(networkId)?.parts ?? [];
    return parts.map(({ text, set }) => ({ subnet: text, used: set.used(), free: set.free() }));
  }

  /** How many addresses are held on a network, the fixed ones of its pools included. */
  used(networkId: string): bigint {
    return (this.#networks.get(networkId)?.parts ?? []).reduce((sum, { set }) => sum + set.used(), 0n);
  }

  #partOf(networkId: string, text: string): Part | undefined {
    const address = readAddress(text);
    return (
      address &&
      this.#networks
        .get(networkId)
        ?.parts.find(({ subnet }) => subnet.version === address.version && contains(subnet, address))
    );
  }
}
