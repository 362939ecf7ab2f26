/** A view with some changes on top, the view itself untouched: how it was before, or how it would be. */
import type { Container } from './container.ts';
import type { Endpoint } from './endpoint.ts';
import { hostLinksOf } from './host-links.ts';
import { isRecipient } from './links.ts';
import type { Network } from './network.ts';
import type { Peer } from './peer.ts';
import { hasPolicyLabels } from './policy.ts';
import type { Sandbox } from './sandbox.ts';
import { type Change, keyOf, type TableName, type Tables, type View } from './tables.ts';
import type { ServedService } from './virtual-service.ts';

const isParkedUnder =
  (owner: string) =>
  ({ parked }: Sandbox): boolean =>
    parked?.containerId === owner || parked?.name === owner;

/** Cost of a look-up: that of the view below plus the number of changes. */
export const overlay = (below: View, changes: readonly Change[]): View => new Overlay(below, changes);

class Overlay implements View {
  readonly drivers: View['drivers'];
  readonly leases: View['leases'];
  readonly ports: View['ports'];
  readonly macs: View['macs'];
  readonly fanouts: View['fanouts'];
  readonly #below: View;
  /** The last change of each record is the one that counts. */
  readonly #changed = new Map<string, Change>();

  constructor(below: View, changes: readonly Change[]) {
    this.#below = below;
    for (const change of changes) {
      const key = 'remove' in change ? change.remove : keyOf(change.table, change.put);
      this.#changed.set(`${change.table} ${key}`, change);
    }
    this.drivers = below.drivers;
    this.leases = below.leases;
    this.ports = below.ports;
    this.macs = below.macs;
    this.fanouts = below.fanouts;
  }

  get version(): number {
    return this.#below.version;
  }

  get<T extends TableName>(table: T, key: string): Tables[T] | undefined {
    const change = this.#changed.get(`${table} ${key}`);
    if (!change) return this.#below.get(table, key);
    return 'put' in change ? (change.put as Tables[T]) : undefined;
  }

  all<T extends TableName>(table: T): Tables[T][] {
    return [...this.#known(table, this.#below.all(table)), ...this.#put(table)];
  }

  networkByName(name: string): Network | undefined {
    const found = this.#below.networkByName(name);
    const named = this.#named('networks', name, found);
    // a network of this host comes before one of the cluster
    return found?.scope === 'local' && named && named.scope !== 'local'
      ? (this.get('networks', found.id) ?? named)
      : named;
  }

  containerByName(name: string): Container | undefined {
    return this.#named('containers', name, this.#below.containerByName(name));
  }

  networksOfLink(link: string): Network[] {
    const all = [...this.#known('networks', this.#below.networksOfLink(link)), ...this.#put('networks')];
    return all.filter((one) => hostLinksOf(this.drivers, one).includes(link));
  }

  endpointsOfNetwork(id: string): Endpoint[] {
    return this.#endpoints(this.#below.endpointsOfNetwork(id), ({ networkId }) => networkId === id);
  }

  endpointsOfSandbox(id: string): Endpoint[] {
    return this.#endpoints(this.#below.endpointsOfSandbox(id), ({ sandboxId }) => sandboxId === id);
  }

  peersOfNetwork(id: string): Peer[] {
    const all = [...this.#known('peers', this.#below.peersOfNetwork(id)), ...this.#put('peers')];
    return all.filter(({ networkId }) => networkId === id);
  }

  servicesOfNetwork(id: string): ServedService[] {
    const all = [...this.#known('services', this.#below.servicesOfNetwork(id)), ...this.#put('services')];
    return all.filter(({ networkId }) => networkId === id);
  }

  sandboxOfContainer(id: string): Sandbox | undefined {
    const found = this.#put('sandboxes').find(({ containerId }) => containerId === id);
    const now = this.#asNow(this.#below.sandboxOfContainer(id));
    return found ?? (now?.containerId === id ? now : undefined);
  }

  containersOfSandbox(id: string): Container[] {
    const all = [
      ...this.#known('containers', this.#below.containersOfSandbox(id)),
      ...this.#put('containers'),
    ];
    return all.filter(({ sandboxId }) => sandboxId === id);
  }

  linkedContainers(): Container[] {
    const before = this.#known('containers', this.#below.linkedContainers());
    return [...before, ...this.#put('containers').filter(isRecipient)];
  }

  governedByLabels(): Container[] {
    const before = this.#known('containers', this.#below.governedByLabels());
    return [...before, ...this.#put('containers').filter(({ config }) => hasPolicyLabels(config.Labels))];
  }

  parkedSandbox(owner: string): Sandbox | undefined {
    const isIt = isParkedUnder(owner);
    const now = this.#asNow(this.#below.parkedSandbox(owner));
    return this.#put('sandboxes').find(isIt) ?? (now && isIt(now) ? now : undefined);
  }

  #asNow(old: Sandbox | undefined): Sandbox | undefined {
    return old && this.get('sandboxes', old.id);
  }

  #put<T extends TableName>(table: T): Tables[T][] {
    return Array.from(this.#changed.values()).flatMap((change) =>
      'put' in change && change.table === table ? [change.put as Tables[T]] : [],
    );
  }

  /** Those that no change touches. */
  #known<T extends TableName>(table: T, records: Iterable<Tables[T]>): Tables[T][] {
    return Array.from(records).filter((record) => !this.#changed.has(`${table} ${keyOf(table, record)}`));
  }

  #named<T extends 'networks' | 'containers'>(
    table: T,
    name: string,
    found: Tables[T] | undefined,
  ): Tables[T] | undefined {
    const put = this.#put(table).find((record) => record.name === name);
    return put ?? (found && !this.#changed.has(`${table} ${found.id}`) ? found : undefined);
  }

  #endpoints(found: readonly Endpoint[], mine: (endpoint: Endpoint) => boolean): Endpoint[] {
    const all = [...this.#known('endpoints', found), ...this.#put('endpoints').filter(mine)];
    return all.sort((a, b) => a.order - b.order);
  }
}
