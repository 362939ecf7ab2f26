/**
 * Endpoints that this host has removed from its records. The store keeps their addresses until the kernel has dropped
 * them: another host may take an address as soon as the store gives it up.
 */
import type { Endpoint } from '../model/endpoint.ts';
import { peerOf, type SharedChange } from '../model/shared.ts';
import { bare } from '../net/address.ts';
import { keys } from './keys.ts';

export interface Leaver {
  readonly endpoint: Endpoint;
  /** Keys of its addresses. */
  readonly addresses: readonly string[];
  /** The removal is `removed`: in memory; `written`: on disk; `releasing`: in the kernel, and on its way into the store. */
  state: 'removed' | 'written' | 'releasing';
  readonly over: PromiseWithResolvers<void>;
}

export class Leaving {
  readonly #here: string;
  readonly #leavers = new Map<string, Leaver>();

  /** `here`: id of this host's node. */
  constructor(here: string) {
    this.#here = here;
  }

  add(endpoints: readonly Endpoint[]): void {
    for (const endpoint of endpoints)
      this.#leavers.set(endpoint.id, {
        ...{ endpoint, addresses: this.#addressesOf(endpoint), state: 'removed' },
        over: Promise.withResolvers(),
      });
  }

  has(endpointId: string): boolean {
    return this.#leavers.has(endpointId);
  }

  /** This host's records have the removal. */
  written(ids: readonly string[]): void {
    for (const id of ids) {
      const leaver = this.#leavers.get(id);
      if (leaver?.state === 'removed') leaver.state = 'written';
    }
  }

  /** Those of a sandbox that its next run removes from the kernel. */
  writtenOf(sandboxId: string): readonly Leaver[] {
    return this.#those(({ endpoint, state }) => state === 'written' && endpoint.sandboxId === sandboxId);
  }

  /** The kernel has followed. Returns the endpoints that were not taken back meanwhile. */
  release(leavers: readonly Leaver[]): readonly Endpoint[] {
    const due = leavers.filter(
      (leaver) => leaver.state === 'written' && this.#leavers.get(leaver.endpoint.id) === leaver,
    );
    for (const leaver of due) leaver.state = 'releasing';
    return due.map(({ endpoint }) => endpoint);
  }

  /** The endpoints are given up in the store, or were taken back. */
  end(ids: readonly string[]): void {
    for (const id of ids) {
      this.#leavers.get(id)?.over.resolve();
      this.#leavers.delete(id);
    }
  }

  /** Resolves once nothing of these sandboxes is being released. */
  async released(sandboxIds: ReadonlySet<string>): Promise<void> {
    await this.#over(({ endpoint, state }) => state === 'releasing' && sandboxIds.has(endpoint.sandboxId));
  }

  /** Resolves once no other endpoint that leaves has an address, or is on a network, that these changes need. */
  async outOfTheWay(changes: readonly SharedChange[]): Promise<void> {
    const own = new Set(changes.flatMap((one) => ('gone' in one ? [one.gone.id] : [])));
    const wanted = new Set(
      changes.flatMap((one) => (one.kind === 'endpoint' && 'put' in one ? this.#addressesOf(one.put) : [])),
    );
    await this.#over(
      ({ endpoint, addresses }) =>
        !own.has(endpoint.id) &&
        (own.has(endpoint.networkId) || addresses.some((address) => wanted.has(address))),
    );
  }

  /** An endpoint that comes back does not leave. Resolves once no release of it is under way. */
  async takenBack(changes: readonly SharedChange[]): Promise<void> {
    for (const change of changes) {
      if (change.kind !== 'endpoint' || !('put' in change)) continue;
      const leaver = this.#leavers.get(change.put.id);
      if (leaver?.state === 'releasing') await leaver.over.promise;
      else this.end([change.put.id]);
    }
  }

  #addressesOf(endpoint: Endpoint): readonly string[] {
    return peerOf(endpoint, this.#here).addresses.map((address) =>
      keys.address(endpoint.networkId, bare(address)),
    );
  }

  #those(isMeant: (leaver: Leaver) => boolean): readonly Leaver[] {
    return [...this.#leavers.values()].filter(isMeant);
  }

  async #over(isMeant: (leaver: Leaver) => boolean): Promise<void> {
    await Promise.all(this.#those(isMeant).map(({ over }) => over.promise));
  }
}
