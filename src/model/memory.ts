/** The model in memory: the tables, and the indexes that keep every look-up cheap. */
import type { Container } from './container.ts';
import type { DriverTable } from './driver.ts';
import type { Endpoint } from './endpoint.ts';
import { FanoutIndex } from './fanouts.ts';
import { hostLinksOf } from './host-links.ts';
import { LeaseIndex } from './leases.ts';
import { isRecipient } from './links.ts';
import { MacIndex } from './mac-index.ts';
import type { Network } from './network.ts';
import type { OutboxEntry } from './outbox.ts';
import type { Peer } from './peer.ts';
import { hasPolicyLabels } from './policy.ts';
import { PortIndex } from './port-index.ts';
import type { Sandbox } from './sandbox.ts';
import { type Change, keyOf, type TableName, type Tables, tableNames, type View } from './tables.ts';
import type { ServedService } from './virtual-service.ts';

/** Record ids by some other key of theirs. */
class Groups {
  readonly #members = new Map<string, Set<string>>();

  add(group: string, id: string): void {
    const members = this.#members.get(group);
    if (members) members.add(id);
    else this.#members.set(group, new Set([id]));
  }

  remove(group: string, id: string): void {
    const members = this.#members.get(group);
    members?.delete(id);
    if (members?.size === 0) this.#members.delete(group);
  }

  of(group: string): Iterable<string> {
    return this.#members.get(group) ?? [];
  }
}

/** Keys of a parked sandbox. */
const ownersOf = ({ parked }: Sandbox): readonly string[] =>
  parked ? [parked.containerId, parked.name] : [];

export class Model implements View {
  readonly #tables = new Map<TableName, Map<string, unknown>>(tableNames.map((name) => [name, new Map()]));
  /** Mostly one: a network of the cluster may have the name of one of this host. */
  readonly #networkNames = new Groups();
  readonly #containerNames = new Map<string, string>();
  readonly #byLink = new Groups();
  readonly #byNetwork = new Groups();
  readonly #peers = new Groups();
  readonly #services = new Groups();
  readonly #bySandbox = new Groups();
  readonly #sandboxOf = new Map<string, string>();
  readonly #inSandbox = new Groups();
  readonly #linked = new Set<string>();
  readonly #governed = new Set<string>();
  readonly #parked = new Map<string, string>();
  #version = 0;
  readonly #listeners = new Set<() => void>();
  readonly drivers: DriverTable;
  readonly leases = new LeaseIndex();
  readonly ports = new PortIndex();
  readonly macs = new MacIndex();
  readonly fanouts = new FanoutIndex();

  constructor(drivers: DriverTable) {
    this.drivers = drivers;
  }

  get version(): number {
    return this.#version;
  }

  get<T extends TableName>(table: T, key: string): Tables[T] | undefined {
    return this.#rows(table).get(key);
  }

  all<T extends TableName>(table: T): Iterable<Tables[T]> {
    return this.#rows(table).values();
  }

  count(table: TableName): number {
    return this.#rows(table).size;
  }

  networkByName(name: string): Network | undefined {
    const found = Array.from(this.#networkNames.of(name), (id) => this.get('networks', id));
    return found.find((network) => network?.scope === 'local') ?? found[0];
  }

  containerByName(name: string): Container | undefined {
    return this.get('containers', this.#containerNames.get(name) ?? '');
  }

  networksOfLink(link: string): readonly Network[] {
    return Array.from(this.#byLink.of(link), (id) => this.get('networks', id)).filter(
      (found) => found !== undefined,
    );
  }

  endpointsOfNetwork(networkId: string): readonly Endpoint[] {
    return this.#endpoints(this.#byNetwork.of(networkId));
  }

  endpointsOfSandbox(sandboxId: string): readonly Endpoint[] {
    return this.#endpoints(this.#bySandbox.of(sandboxId)).sort((a, b) => a.order - b.order);
  }

  peersOfNetwork(networkId: string): readonly Peer[] {
    return Array.from(this.#peers.of(networkId), (id) => this.get('peers', id)).filter(
      (found) => found !== undefined,
    );
  }

  servicesOfNetwork(networkId: string): readonly ServedService[] {
    return Array.from(this.#services.of(networkId), (id) => this.get('services', id)).filter(
      (found) => found !== undefined,
    );
  }

  sandboxOfContainer(containerId: string): Sandbox | undefined {
    return this.get('sandboxes', this.#sandboxOf.get(containerId) ?? '');
  }

  containersOfSandbox(sandboxId: string): readonly Container[] {
    return Array.from(this.#inSandbox.of(sandboxId), (id) => this.get('containers', id)).filter(
      (found) => found !== undefined,
    );
  }

  linkedContainers(): readonly Container[] {
    return Array.from(this.#linked, (id) => this.get('containers', id)).filter(
      (found) => found !== undefined,
    );
  }

  governedByLabels(): readonly Container[] {
    return Array.from(this.#governed, (id) => this.get('containers', id)).filter(
      (found) => found !== undefined,
    );
  }

  parkedSandbox(owner: string): Sandbox | undefined {
    return this.get('sandboxes', this.#parked.get(owner) ?? '');
  }

  /** Applies changes; returns the inverse changes in the order to apply them. */
  apply(changes: readonly Change[]): readonly Change[] {
    this.#version += 1;
    const inverse = changes.map((change) => this.#applyOne(change));
    for (const listener of this.#listeners) listener();
    return inverse.reverse();
  }

  /** Calls the listener after changes, until the returned function is called. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #applyOne(change: Change): Change {
    const rows = this.#rows(change.table) as Map<string, Tables[TableName]>;
    const key = 'remove' in change ? change.remove : keyOf(change.table, change.put);
    const before = rows.get(key);
    if (before) this.#unindex(change.table, before);
    if ('remove' in change) rows.delete(key);
    else {
      rows.set(key, change.put);
      this.#index(change.table, change.put);
    }
    return (before ? { table: change.table, put: before } : { table: change.table, remove: key }) as Change;
  }

  #index(table: TableName, record: Tables[TableName]): void {
    if (table === 'networks') {
      const network = record as Network;
      this.#networkNames.add(network.name, network.id);
      for (const link of hostLinksOf(this.drivers, network)) this.#byLink.add(link, network.id);
      this.leases.open(network);
      for (const endpoint of this.endpointsOfNetwork(network.id)) this.leases.take(endpoint);
      for (const peer of this.peersOfNetwork(network.id)) this.leases.take(peer);
      for (const { holds } of this.all('outbox'))
        if (holds?.networkId === network.id) this.leases.hold(holds);
    } else if (table === 'containers') {
      const container = record as Container;
      this.#containerNames.set(container.name, container.id);
      if (container.sandboxId) this.#inSandbox.add(container.sandboxId, container.id);
      if (isRecipient(container)) this.#linked.add(container.id);
      if (hasPolicyLabels(container.config.Labels)) this.#governed.add(container.id);
      this.leases.want(container.networks);
    } else if (table === 'endpoints') {
      const endpoint = record as Endpoint;
      this.#byNetwork.add(endpoint.networkId, endpoint.id);
      this.#bySandbox.add(endpoint.sandboxId, endpoint.id);
      this.leases.take(endpoint);
      this.macs.take(endpoint);
      this.fanouts.take(endpoint);
    } else if (table === 'peers') {
      const peer = record as Peer;
      this.#peers.add(peer.networkId, peer.id);
      this.leases.take(peer);
      this.macs.take(peer);
    } else if (table === 'sandboxes') {
      const sandbox = record as Sandbox;
      if (sandbox.containerId) this.#sandboxOf.set(sandbox.containerId, sandbox.id);
      for (const owner of ownersOf(sandbox)) this.#parked.set(owner, sandbox.id);
      this.ports.take(sandbox.ports);
    } else if (table === 'outbox') {
      const { holds } = record as OutboxEntry;
      if (holds) this.leases.hold(holds);
    } else if (table === 'services') {
      const { networkId, id } = record as ServedService;
      this.#services.add(networkId, id);
    }
  }

  #unindex(table: TableName, record: Tables[TableName]): void {
    if (table === 'networks') {
      const network = record as Network;
      this.#networkNames.remove(network.name, network.id);
      for (const link of hostLinksOf(this.drivers, network)) this.#byLink.remove(link, network.id);
      this.leases.close(network);
    } else if (table === 'containers') {
      const container = record as Container;
      if (this.#containerNames.get(container.name) === container.id)
        this.#containerNames.delete(container.name);
      this.#inSandbox.remove(container.sandboxId, container.id);
      this.#linked.delete(container.id);
      this.#governed.delete(container.id);
      this.leases.unwant(container.networks);
    } else if (table === 'endpoints') {
      const endpoint = record as Endpoint;
      this.#byNetwork.remove(endpoint.networkId, endpoint.id);
      this.#bySandbox.remove(endpoint.sandboxId, endpoint.id);
      this.leases.give(endpoint);
      this.macs.give(endpoint);
      this.fanouts.give(endpoint);
    } else if (table === 'peers') {
      const peer = record as Peer;
      this.#peers.remove(peer.networkId, peer.id);
      this.leases.give(peer);
      this.macs.give(peer);
    } else if (table === 'sandboxes') {
      const sandbox = record as Sandbox;
      if (this.#sandboxOf.get(sandbox.containerId) === sandbox.id)
        this.#sandboxOf.delete(sandbox.containerId);
      for (const owner of ownersOf(sandbox))
        if (this.#parked.get(owner) === sandbox.id) this.#parked.delete(owner);
      this.ports.give(sandbox.ports);
    } else if (table === 'outbox') {
      const { holds } = record as OutboxEntry;
      if (holds) this.leases.letGo(holds);
    } else if (table === 'services') {
      const { networkId, id } = record as ServedService;
      this.#services.remove(networkId, id);
    }
  }

  #endpoints(ids: Iterable<string>): Endpoint[] {
    return Array.from(ids, (id) => this.get('endpoints', id)).filter((found) => found !== undefined);
  }

  #rows<T extends TableName>(table: T): Map<string, Tables[T]> {
    return this.#tables.get(table) as Map<string, Tables[T]>;
  }
}
