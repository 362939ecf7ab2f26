/** Hosts of a cluster in one process: model, records and cluster are real, the disk and the kernel are not there. */
import { Cluster } from '../../src/cluster/cluster.ts';
import type { Taken } from '../../src/cluster/write-back.ts';
import { driverTable } from '../../src/drivers/table.ts';
import { createRecords, type Records } from '../../src/engine/records.ts';
import { blankEndpointSpec, blankNetwork } from '../../src/model/blank.ts';
import type { Endpoint } from '../../src/model/endpoint.ts';
import { Model } from '../../src/model/memory.ts';
import type { Network } from '../../src/model/network.ts';
import { parseAccepted } from '../../src/model/network-options.ts';
import { removeNetwork } from '../../src/model/networks.ts';
import type { Change, View } from '../../src/model/tables.ts';
import type { Store } from '../../src/store/store.ts';
import type { MemoryKv, MemoryStore } from '../kv/memory-kv.ts';

export const hex = (text: string): string => Buffer.from(text).toString('hex').padEnd(64, '0').slice(0, 64);

export const overlayNetwork = (name: string, more: Partial<Network> = {}): Network => ({
  ...blankNetwork,
  ...{ id: hex(name), name, created: '2026-01-01T00:00:00.000000000Z', driver: 'overlay', scope: 'global' },
  ipam: {
    driver: 'default',
    options: null,
    pools: [{ subnet: '10.7.0.0/24', gateway: '10.7.0.1', auxAddresses: {} }],
  },
  parsed: parseAccepted(driverTable().find('overlay'), {}),
  overlay: { vnis: [256], mtu: 1450, encrypted: false },
  ...more,
});

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export interface HostOptions {
  /** An engine of the same host, whose records it has left. */
  readonly from?: Host;
  readonly instance?: string;
  readonly advertise?: string;
  /** Milliseconds for hosts to write back to a wiped store. */
  readonly grace?: number;
}

export class Host {
  readonly kv: MemoryKv;
  readonly model: Model;
  readonly id: string;
  readonly cluster: Cluster;
  readonly records: Records;
  readonly taken: Taken[] = [];
  readonly degraded = new Map<string, unknown>();
  isDiskFull = false;

  /** `number`: 1 to 254. */
  constructor(store: MemoryStore, number: number, { from, ...how }: HostOptions = {}) {
    this.kv = store.connect('seaway/v1');
    this.id = hex(`node${number}`);
    this.model = new Model(driverTable());
    if (from)
      for (const table of ['networks', 'nodes', 'peers', 'claims', 'cluster', 'endpoints'] as const)
        this.model.apply(Array.from(from.model.all(table), (put) => ({ table, put }) as Change));
    const disk = {
      commit: async () => {
        if (this.isDiskFull) throw new Error('the disk is full');
      },
    } as unknown as Store;
    this.records = createRecords(this.model, disk, {
      retries: { failed: () => {}, succeeded: () => {} },
      shared: () => this.cluster,
    });
    this.cluster = this.#open(number, how);
  }

  #open(
    number: number,
    { instance = `boot-${number}`, advertise = `192.0.2.${number}:2376`, grace = 100 }: HostOptions,
  ): Cluster {
    return new Cluster({
      ...{ kv: this.kv, url: 'memory://store', ttl: 60_000, view: this.model, grace },
      node: {
        ...{ id: this.id, name: `host${number}`, advertise },
        ...{ data4: `192.0.2.${number}`, instance, mtu: 1500 },
      },
      logger: quiet as never,
      retries: {
        attempt: (subject, task) => this.#attempt(subject.key, task),
        waits: ({ key }, error) => void this.degraded.set(key, error),
        succeeded: (key) => void this.degraded.delete(key),
      },
      now: () =>
        `2026-01-01T00:00:00.${String(performance.now() * 1e6)
          .replace('.', '')
          .padStart(15, '0')
          .slice(0, 9)}Z`,
      arrive: (changes) => this.records.arrive(changes),
      taken: async (endpoints) => {
        this.taken.push(...endpoints);
        await Promise.all(endpoints.map(({ endpoint }) => this.leave(endpoint.name)));
      },
    });
  }

  /** As the engine's own, which waits longer before it tries again. */
  async #attempt(key: string, task: () => unknown): Promise<boolean> {
    try {
      await task();
      this.degraded.delete(key);
      return true;
    } catch (error) {
      this.degraded.set(key, error);
      setTimeout(() => void (this.degraded.has(key) && this.#attempt(key, task)), 50).unref();
      return false;
    }
  }

  async begin(): Promise<this> {
    await this.cluster.introduce();
    await this.cluster.begin(2_000);
    return this;
  }

  make(network: Network): Promise<unknown> {
    return this.records.transact((view) => {
      if (view.networkByName(network.name))
        throw new Error(`network with name ${network.name} already exists`);
      return [{ table: 'networks', put: network }];
    });
  }

  remove(name: string): Promise<unknown> {
    return this.records.keep((view) => {
      const network = view.networkByName(name);
      return network ? removeNetwork(view, network) : [];
    });
  }

  /** An endpoint with the first free address, or the one that is asked for. */
  async join(
    name: string,
    { network = 'net', address, id = hex(name) }: { network?: string; address?: string; id?: string } = {},
  ): Promise<Endpoint> {
    const { decided } = await this.records.transact((view) => {
      const put = { ...endpointOf(view, { name, network, address }), id };
      return { put, changes: [{ table: 'endpoints', put }] };
    });
    return decided.put;
  }

  /** Endpoints of one container, in one change. */
  async joinAll(
    places: readonly { name: string; network: string; id: string; address?: string }[],
  ): Promise<void> {
    await this.records.transact((view) =>
      places.map(({ id, name, network, address }): Change => {
        const put = { ...endpointOf(view, { name, network, address }), id };
        return { table: 'endpoints', put };
      }),
    );
  }

  /** Removes an endpoint, of records and kernel. */
  async leave(name: string): Promise<void> {
    await this.removeRecord(name);
    await this.follow(name);
  }

  async removeRecord(name: string): Promise<void> {
    await this.records.keep(
      (view) =>
        [{ table: 'endpoints', remove: hex(name) }].filter(({ remove }) =>
          view.get('endpoints', remove),
        ) as Change[],
    );
  }

  /** The kernel agrees with the records of an endpoint's sandbox. */
  async follow(name: string): Promise<void> {
    const sandboxId = hex(`s${name}`);
    this.cluster.follows(sandboxId)();
    await this.cluster.released(new Set([sandboxId]));
  }

  /** Network, container and address of all that are known here. */
  members(): readonly string[] {
    const all = [...this.model.all('endpoints'), ...this.model.all('peers')];
    return all.map(({ name, addresses }) => `${name} ${addresses.join(' ')}`).sort();
  }
}

function endpointOf(
  view: View,
  { name, network, address }: { name: string; network: string; address: string | undefined },
): Endpoint {
  const { id } = view.networkByName(network) ?? { id: '' };
  const chosen = address ?? view.leases.firstFree(id, 4);
  if (!chosen || (address && !view.leases.look(id, address.split('/')[0] ?? '')?.free))
    throw new Error('Address already in use');
  return {
    ...{ id: hex(name), networkId: id, sandboxId: hex(`s${name}`), containerId: hex(`c${name}`), name },
    ...{ ifname: 'eth0', hostLink: '', mac: `02:00:00:00:00:${Buffer.from(name).toString('hex').slice(-2)}` },
    ...{ addresses: [chosen], dnsNames: [name], order: 0, spec: blankEndpointSpec(network) },
  };
}

/** Starts hosts on a store, and ends them all at the end of a test. */
export function hostsOfTest() {
  const hosts: Host[] = [];
  return {
    hosts,
    async host(store: MemoryStore, number: number, options?: HostOptions): Promise<Host> {
      const one = new Host(store, number, options);
      hosts.push(one);
      return await one.begin();
    },
    async close(): Promise<void> {
      for (const one of hosts.splice(0)) await one.cluster.close();
    },
  };
}

/** The keys of a folder of the store. */
export const keysOf = (store: MemoryStore, folder: string): readonly string[] =>
  Object.keys(store.dump()).flatMap((key) => (key.startsWith(`seaway/v1/${folder}`) ? [key.slice(10)] : []));
