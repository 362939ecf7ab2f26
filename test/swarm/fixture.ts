/** A swarm's records without managers: transitions are committed at once, time is what the test says. */
import type { SwarmContext } from '../../src/swarm/context.ts';
import { SwarmMemory } from '../../src/swarm/memory.ts';
import { firstNetworks } from '../../src/swarm/networks.ts';
import type {
  NodeDescription,
  SwarmChange,
  SwarmNetwork,
  SwarmNode,
  SwarmTransition,
  SwarmView,
} from '../../src/swarm/records.ts';
import type { ServiceSpec, TaskSpec } from '../../src/swarm/spec.ts';

/** The same numbers for the same seed (mulberry32). */
export function random(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
}

export const description = (hostname: string, more: Partial<NodeDescription> = {}): NodeDescription => ({
  hostname,
  platform: { architecture: 'x86_64', os: 'linux' },
  resources: { nanoCpus: 8e9, memoryBytes: 16 * 2 ** 30 },
  engine: { version: '28.5', labels: {}, plugins: [] },
  data4: '192.0.2.1',
  mtu: 1500,
  routes: [],
  busyPorts: [],
  ...more,
});

/** A service of busybox; `task` goes into its task template. */
export const service = (
  name: string,
  { task = {}, ...more }: Partial<ServiceSpec> & { readonly task?: Partial<TaskSpec> } = {},
): ServiceSpec => ({
  Name: name,
  Labels: {},
  TaskTemplate: { ContainerSpec: { Image: 'busybox' }, ...task },
  Mode: { Replicated: { Replicas: 2 } },
  ...more,
});

export class Swarm {
  readonly view = new SwarmMemory();
  now = Date.parse('2026-01-01T00:00:00Z');
  readonly below: (limit: number) => number;
  readonly listeners: ((changes: readonly SwarmChange[], before: SwarmView) => void)[] = [];
  #ids = 0;

  constructor(seed = 1) {
    this.below = random(seed);
    this.put(
      { table: 'cluster', put: this.#cluster() },
      ...firstNetworks({ addressPools: [], subnetSize: 24, mtu: 1450 }, this.context()).map(
        (put) => ({ table: 'networks', put }) as const,
      ),
    );
  }

  context(): SwarmContext & { localNetwork(ref: string): { name: string; predefined: boolean } | undefined } {
    return {
      now: this.now,
      generate: {
        id: () => (++this.#ids).toString(36).padStart(25, '0'),
        mac: () =>
          `02:${Array.from({ length: 5 }, () => this.below(256).toString(16).padStart(2, '0')).join(':')}`,
        below: this.below,
      },
      localNetwork: () => undefined,
    };
  }

  /** As a store: a new revision, which is the version of what was put. */
  put(...changes: readonly SwarmChange[]): void {
    const revision = this.view.revision + 1;
    const stored = changes.map((change) =>
      'put' in change
        ? ({ table: change.table, put: { ...change.put, version: revision } } as SwarmChange)
        : change,
    );
    const before = this.view.apply(stored, revision);
    for (const listener of this.listeners) listener(stored, before);
  }

  commit<R>(transition: SwarmTransition<R>): R {
    const { changes, result } = transition(this.view);
    if (changes.length > 0) this.put(...changes);
    return result;
  }

  node(hostname: string, more: Partial<SwarmNode> = {}): SwarmNode {
    const meta = this.#meta();
    const node: SwarmNode = {
      ...meta,
      spec: { Name: '', Labels: {}, Role: 'worker', Availability: 'active' },
      description: description(hostname),
      status: { state: 'ready', message: '', address: '192.0.2.1', since: meta.createdAt },
      number: 0,
      ...more,
    };
    this.put({ table: 'nodes', put: node });
    return node;
  }

  /** An overlay network of one /24, or of the subnets that are named. */
  network(name: string, more: Partial<SwarmNetwork['network']> = {}): SwarmNetwork {
    const [ingress] = this.view.all('networks');
    if (!ingress) throw new Error('the swarm has no ingress network');
    const meta = this.#meta();
    const count = Array.from(this.view.all('networks')).length;
    const made: SwarmNetwork = {
      ...meta,
      network: {
        ...ingress.network,
        id: meta.id,
        name,
        ingress: false,
        ipam: {
          ...ingress.network.ipam,
          pools: [{ subnet: `10.0.${count}.0/24`, gateway: `10.0.${count}.1`, auxAddresses: {} }],
        },
        ...more,
      },
    };
    this.put({ table: 'networks', put: made });
    return made;
  }

  #meta() {
    const at = new Date(this.now).toISOString();
    return { id: this.context().generate.id(), version: 0, createdAt: at, updatedAt: at };
  }

  #cluster() {
    return {
      ...this.#meta(),
      spec: {
        Name: 'default',
        Labels: {},
        Orchestration: { TaskHistoryRetentionLimit: 5 },
        Raft: { ElectionTick: 10, HeartbeatTick: 1 },
        Dispatcher: {},
        CAConfig: {},
        TaskDefaults: {},
        EncryptionConfig: { AutoLockManagers: false },
      },
      epoch: { id: 'epoch', generation: 1 },
      rootCa: '',
      addressPools: [],
      subnetSize: 24,
      dataPathPort: 4789,
    };
  }
}
