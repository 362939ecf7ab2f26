/** A swarm in which everything happens: nodes die and return, leaders change, services are made, changed, turned back and removed. */
import { Assigner, assignmentsOf } from '../../src/swarm/assign.ts';
import { assemble, type Parts, partsBetween, withChange } from '../../src/swarm/parts.ts';
import type { SwarmService, SwarmTask } from '../../src/swarm/records.ts';
import { removeService } from '../../src/swarm/services.ts';
import type { ServiceSpec } from '../../src/swarm/spec.ts';
import { Cluster } from './cluster.ts';
import { service } from './fixture.ts';

export interface Size {
  readonly nodes: number;
  readonly networks: number;
  readonly services: number;
  /** The mean of the replicas of a service. */
  readonly replicas: number;
}

export class Simulation extends Cluster {
  readonly size: Size;
  /** Milliseconds of each decision. */
  readonly times: number[] = [];
  assigner = new Assigner(this.view);
  /** Nodes whose sets were told to have changed. */
  readonly told = new Set<string>();
  /** What nodes have of their sets, as it came in parts. */
  readonly had = new Map<string, Parts>();
  readonly #sent = new Map<string, Parts>();
  #names = 0;

  constructor(seed: number, size: Size) {
    super(seed);
    this.size = size;
    this.listeners.push((changes, before) => {
      for (const id of this.assigner.changed(changes, before)) this.told.add(id);
    });
    for (let i = 0; i < size.nodes; i++) this.node(`node${i}`);
    for (let i = 0; i < size.networks; i++) this.network(`net${i}`, pool(i));
    for (let i = 0; i < size.services; i++) this.make();
    this.fails = (task) => {
      if (task.status.state === 'running') return this.below(3_000) === 0 ? 'failed' : undefined;
      return task.spec.ContainerSpec?.Image === 'bad' && this.below(2) === 0 ? 'rejected' : undefined;
    };
  }

  /** Something happens, the leader decides once, some nodes go on. */
  step(): void {
    this.now += this.below(400) + 1;
    if (this.below(3) === 0) this.#happen();
    this.#decideOnce();
    const nodes = [...this.view.all('nodes')];
    this.work(nodes.filter(() => this.below(nodes.length) < 6));
  }

  make(): void {
    const name = `service${this.#names++}`;
    const kind = this.below(12);
    const Mode =
      kind === 0
        ? { Global: {} }
        : kind === 1
          ? { ReplicatedJob: { MaxConcurrent: 2, TotalCompletions: 4 } }
          : { Replicated: { Replicas: this.#replicas() } };
    const order = this.below(2) === 0 ? 'start-first' : 'stop-first';
    const action = (['pause', 'continue', 'rollback'] as const)[this.below(3)] ?? 'pause';
    const update = {
      Parallelism: this.below(4),
      Monitor: 1e9,
      MaxFailureRatio: 0,
      FailureAction: action,
      Order: order,
    } as const;
    const open = { Protocol: 'tcp', TargetPort: 80, PublishMode: 'ingress' } as const;
    this.create(
      service(name, {
        Mode,
        ...(kind === 1
          ? {}
          : { UpdateConfig: update, RollbackConfig: { ...update, FailureAction: 'continue' } }),
        ...(this.below(4) === 0 ? { EndpointSpec: { Ports: [open] } } : {}),
        task: {
          RestartPolicy: { Delay: 1e9 },
          Networks: Array.from({ length: 1 + this.below(2) }, (_, i) => ({
            Target: `net${(this.below(this.size.networks >> 1) << 1) + i}`,
          })),
        },
      }),
    );
  }

  /** Nothing happens any more: what is broken is mended, and all comes to rest. */
  rest(): void {
    this.fails = (task) =>
      task.status.state === 'running' && task.desiredState === 'complete' ? 'complete' : undefined;
    for (const { id } of this.view.all('nodes')) this.setNode(id, { state: 'ready', availability: 'active' });
    for (let i = 0; i < 20; i++) {
      for (const one of [...this.view.all('services')])
        if (one.updateStatus?.state.endsWith('paused') || imageOf(one.spec) === 'bad')
          this.#change(one, 'good');
      const { revision } = this.view;
      this.pass(600);
      if (this.view.revision === revision) return;
    }
  }

  /** What must hold at any time; texts of what does not. */
  faults(): string[] {
    const faults: string[] = [];
    const owners = new Map<string, string>();
    const own = (key: string, owner: string): void => {
      const other = owners.get(key);
      if (other !== undefined && other !== owner) faults.push(`${key}: ${other} and ${owner}`);
      owners.set(key, owner);
    };
    for (const { id, endpoint } of this.view.all('services')) {
      for (const { networkId, address } of endpoint?.addresses ?? []) own(`${networkId} ${address}`, id);
      for (const { Protocol, PublishedPort } of endpoint?.ports ?? [])
        own(`${Protocol} ${PublishedPort}`, id);
    }
    for (const task of this.view.all('tasks')) {
      if (!holds(task)) continue;
      for (const { networkId, addresses, mac } of task.attachments)
        for (const one of [...addresses, mac]) own(`${networkId} ${one}`, task.id);
      if (this.#isAlone(task)) own(`slot ${task.serviceId} ${task.slot || task.nodeId}`, task.id);
    }
    return faults;
  }

  /** What must hold at rest. */
  leftovers(): string[] {
    const faults = this.faults();
    const nodes = [...this.view.all('nodes')];
    for (const one of this.view.all('services')) {
      const wanted = wantedCount(one.spec, nodes.length);
      const running = this.running(one.id);
      if (running.length !== wanted) faults.push(`${one.spec.Name}: ${running.length} of ${wanted} run`);
      const places = new Set(running.map(({ slot, nodeId }) => slot || nodeId));
      if (places.size !== wanted) faults.push(`${one.spec.Name}: two in one place`);
      const state = one.updateStatus?.state ?? 'completed';
      if (!state.endsWith('completed')) faults.push(`${one.spec.Name}: ${state}`);
      for (const { spec } of running)
        if (spec.ContainerSpec?.Image !== imageOf(one.spec))
          faults.push(`${one.spec.Name}: an old task runs`);
    }
    for (const task of this.view.all('tasks')) {
      if (!this.view.get('services', task.serviceId)) faults.push(`task ${task.id} is left of a service`);
      if (task.drainingSince || task.desiredState === 'remove') faults.push(`task ${task.id} does not end`);
      if (holds(task) && task.status.state !== 'running')
        faults.push(`task ${task.id} is ${task.status.state}`);
    }
    for (const { id } of nodes)
      if (text(this.assigner.of(id)) !== text(assignmentsOf(this.view, id))) faults.push(`the set of ${id}`);
    return faults;
  }

  /** A set that differs is one that was told. */
  untold(sets: Map<string, string>): string[] {
    const faults: string[] = [];
    for (const { id } of this.view.all('nodes')) {
      const set = text(assignmentsOf(this.view, id));
      if (sets.has(id) && sets.get(id) !== set && !this.told.has(id)) faults.push(id);
      if (text(this.assigner.of(id)) !== set) faults.push(`${id}, as it is kept`);
      if (text(assemble(this.#send(id), { nodeId: id, ...this.assigner.head })) !== set)
        faults.push(`${id}, as it is sent`);
      sets.set(id, set);
    }
    this.told.clear();
    return faults;
  }

  /** Over a wire, what changed. */
  #send(nodeId: string): Parts {
    const before = this.#sent.get(nodeId) ?? new Map();
    const after = this.assigner.partsOf(nodeId);
    this.#sent.set(nodeId, after);
    const change = partsBetween(before, after);
    const had = this.had.get(nodeId) ?? new Map();
    const has = change ? withChange(had, JSON.parse(JSON.stringify(change))) : had;
    this.had.set(nodeId, has);
    return has;
  }

  #decideOnce(): void {
    const begin = performance.now();
    const { changes } = this.orchestrator.decide({
      ...this.context(),
      acknowledged: (nodeId) => (this.dead.has(nodeId) ? 0 : this.view.revision - this.below(2)),
    });
    this.times.push(performance.now() - begin);
    if (changes.length === 0) return;
    // some are not committed, of some only a part is
    const luck = this.below(20);
    if (luck === 0) return;
    this.put(...(luck === 1 ? changes.slice(0, this.below(changes.length) + 1) : changes));
  }

  #happen(): void {
    const nodes = [...this.view.all('nodes')];
    const node = nodes[this.below(nodes.length)];
    const services = [...this.view.all('services')];
    const one = services[this.below(services.length)];
    if (!node || !one) return;
    const dice = this.below(100);
    if (dice < 5) this.changeLeader();
    else if (dice < 12 && this.dead.size < nodes.length / 5) this.setNode(node.id, { state: 'down' });
    else if (dice < 25) for (const id of this.dead) this.setNode(id, { state: 'ready' });
    else if (dice < 28) this.setNode(node.id, { availability: 'drain' });
    else if (dice < 36) for (const { id } of nodes) this.#activate(id);
    else if (dice < 60) this.#change(one, (['good', 'better', 'bad'] as const)[this.below(3)] ?? 'good');
    else if (dice < 70) this.#turnBack(one);
    else if (dice < 90) this.#scale(one);
    else if (services.length > this.size.services / 2 && dice < 95) this.commit(removeService(one.id));
    else if (services.length < this.size.services) this.make();
  }

  #activate(id: string): void {
    if (this.view.get('nodes', id)?.spec.Availability !== 'active')
      this.setNode(id, { availability: 'active' });
  }

  #change({ id, spec }: SwarmService, Image: string): void {
    const task = { ...spec.TaskTemplate, ContainerSpec: { Image }, ForceUpdate: this.below(1e6) };
    this.update(id, { ...spec, TaskTemplate: task });
  }

  #scale({ id, spec }: SwarmService): void {
    if (spec.Mode?.Replicated)
      this.update(id, { ...spec, Mode: { Replicated: { Replicas: this.#replicas() } } });
  }

  #turnBack({ id, spec, previousSpec }: SwarmService): void {
    if (previousSpec) this.update(id, spec, true);
  }

  #replicas(): number {
    return this.below(2 * this.size.replicas + 1);
  }

  /** Of a service that does not start new tasks first, one task of a place is wanted. */
  #isAlone({ desiredState, serviceId }: SwarmTask): boolean {
    const spec = this.view.get('services', serviceId)?.spec;
    return spec?.UpdateConfig?.Order === 'stop-first' && ['ready', 'running'].includes(desiredState);
  }
}

const text = (set: object): string => JSON.stringify({ ...set, revision: 0 });

const pool = (i: number) => ({
  ipam: {
    driver: 'default',
    options: {},
    pools: [{ subnet: `10.${i + 64}.0.0/20`, gateway: `10.${i + 64}.0.1`, auxAddresses: {} }],
  },
});

const imageOf = ({ TaskTemplate }: ServiceSpec): string => TaskTemplate.ContainerSpec?.Image ?? '';

const over = ['complete', 'shutdown', 'failed', 'rejected', 'remove', 'orphaned'];
const holds = ({ status, nodeId }: SwarmTask): boolean => nodeId !== '' && !over.includes(status.state);

function wantedCount({ Mode }: ServiceSpec, nodes: number): number {
  if (Mode?.Global) return nodes;
  return Mode?.Replicated?.Replicas ?? 0;
}
