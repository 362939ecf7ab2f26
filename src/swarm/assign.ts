/** What each node is given, from the records. */
import type { Node } from '../model/node.ts';
import type { Peer } from '../model/peer.ts';
import type { MeshPort, VirtualService } from '../model/virtual-service.ts';
import type { AssignedFile, Assignments } from './assignments.ts';
import { givenTask, isGiven, isLive } from './given-task.ts';
import { isReached, modelNode, peersOf } from './peers.ts';
import type { SwarmChange, SwarmService, SwarmTask, SwarmView } from './records.ts';
import { backendText, isPublished, networkIdsOf, type Served, served, serviceText } from './served.ts';
import { networksOfTask } from './table-set.ts';

/** Keeps what nodes share, so that a change costs only what it touches. */
export class Assigner {
  readonly #view: SwarmView;
  readonly #served = new Map<string, Served>();
  /** Services on a network, also those without tasks. */
  readonly #onNetwork = new Map<string, Set<string>>();
  /** Services with ports of the mesh. */
  readonly #published = new Set<string>();
  readonly #peers = new Map<string, readonly Peer[]>();
  #meshPorts: readonly MeshPort[] | undefined;

  /** The view is the manager's mirror, which goes on changing. */
  constructor(view: SwarmView) {
    this.#view = view;
    for (const service of view.all('services')) this.#index(undefined, service);
  }

  /** Called after each change of the view, with the view before it. Gives the nodes whose set may differ now. */
  changed(changes: readonly SwarmChange[], before: SwarmView): ReadonlySet<string> {
    const nodes = new Set<string>();
    const add = (ids: Iterable<string>): void => {
      for (const id of ids) nodes.add(id);
    };
    for (const change of changes) {
      const id = 'put' in change ? change.put.id : change.remove;
      if (change.table === 'tasks')
        add(this.#taskChanged(before.get('tasks', id), 'put' in change ? change.put : undefined));
      else if (change.table === 'services')
        add(this.#serviceChanged(before.get('services', id), 'put' in change ? change.put : undefined));
      else if (change.table === 'networks') add(this.#nodesOn([id]));
      else if (change.table !== 'keys') add(this.#allChanged());
    }
    return nodes;
  }

  of(nodeId: string): Assignments {
    const view = this.#view;
    const [cluster] = view.all('cluster');
    const own = [...view.tasksOfNode(nodeId)].filter(isGiven).sort(byId);
    const live = own.filter(isLive);
    const networkIds = [...new Set(live.flatMap(networksOfTask))].sort();
    const peers = networkIds.flatMap((id) => this.#peersOn(id)).filter((peer) => peer.nodeId !== nodeId);
    const meshPorts = this.#allMeshPorts();
    const driver = cluster?.spec.TaskDefaults.LogDriver;
    return {
      generation: cluster?.epoch.generation ?? 0,
      revision: view.revision,
      tasks: own.map((task) => givenTask(task, driver)),
      networks: networkIds.flatMap((id) => view.get('networks', id)?.network ?? []),
      peers,
      nodes: this.#nodes({ nodeId, peers, all: meshPorts.length > 0 }),
      services: networkIds.flatMap((id) => this.#servicesOn(id)),
      meshPorts,
      ...filesOf(view, live),
    };
  }

  #taskChanged(old: SwarmTask | undefined, task: SwarmTask | undefined): Iterable<string> {
    const touched = new Set<string>();
    for (const one of [old, task]) if (one && givenText(old) !== givenText(task)) touched.add(one.nodeId);
    const networks = [old, task].flatMap((one) => (one ? networksOfTask(one) : []));
    if (peerText(old) !== peerText(task)) {
      for (const id of networks) this.#peers.delete(id);
      for (const id of this.#nodesOn(networks)) touched.add(id);
    }
    if (backendText(old) === backendText(task)) return touched;
    const serviceId = (task ?? old)?.serviceId ?? '';
    this.#forget(serviceId);
    for (const id of this.#published.has(serviceId) ? this.#allNodes() : this.#nodesOn(networks))
      touched.add(id);
    return touched;
  }

  #serviceChanged(old: SwarmService | undefined, service: SwarmService | undefined): Iterable<string> {
    if (old && service && serviceText(old) === serviceText(service)) return [];
    const wasPublished = old !== undefined && this.#published.has(old.id);
    this.#index(old, service);
    const id = (service ?? old)?.id ?? '';
    this.#forget(id);
    if (wasPublished || this.#published.has(id)) return this.#allNodes();
    return this.#nodesOn([old, service].flatMap((one) => (one ? [...networkIdsOf(one)] : [])));
  }

  /** Of nodes, secrets, configs and the swarm itself, changes are rare. */
  #allChanged(): Iterable<string> {
    this.#served.clear();
    this.#peers.clear();
    this.#meshPorts = undefined;
    return this.#allNodes();
  }

  #index(old: SwarmService | undefined, service: SwarmService | undefined): void {
    if (old) {
      for (const id of networkIdsOf(old)) this.#onNetwork.get(id)?.delete(old.id);
      this.#published.delete(old.id);
    }
    if (!service) return;
    for (const id of networkIdsOf(service)) {
      const found = this.#onNetwork.get(id) ?? new Set();
      this.#onNetwork.set(id, found.add(service.id));
    }
    if (isPublished(service)) this.#published.add(service.id);
  }

  #forget(serviceId: string): void {
    this.#served.delete(serviceId);
    this.#meshPorts = undefined;
  }

  #servedBy(id: string): Served | undefined {
    const known = this.#served.get(id);
    const service = this.#view.get('services', id);
    if (known || !service) return known;
    const made = served(this.#view, service);
    this.#served.set(id, made);
    return made;
  }

  #servicesOn(networkId: string): readonly VirtualService[] {
    const ids = [...(this.#onNetwork.get(networkId) ?? [])].sort();
    return ids.flatMap((id) =>
      (this.#servedBy(id)?.services ?? []).filter((one) => one.networkId === networkId),
    );
  }

  #allMeshPorts(): readonly MeshPort[] {
    this.#meshPorts ??= [...this.#published].sort().flatMap((id) => this.#servedBy(id)?.meshPorts ?? []);
    return this.#meshPorts;
  }

  #peersOn(networkId: string): readonly Peer[] {
    const known = this.#peers.get(networkId);
    if (known) return known;
    const view = this.#view;
    const made = [...view.tasksOfNetwork(networkId)]
      .filter((task) => isReached(task, view.get('nodes', task.nodeId)))
      .sort(byId)
      .flatMap((task) => peersOf(task).filter((peer) => peer.networkId === networkId));
    this.#peers.set(networkId, made);
    return made;
  }

  #nodes({
    nodeId,
    peers,
    all,
  }: {
    readonly nodeId: string;
    readonly peers: readonly Peer[];
    readonly all: boolean;
  }): readonly Node[] {
    const needed = new Set([nodeId, ...peers.map((peer) => peer.nodeId)]);
    return [...this.#view.all('nodes')]
      .filter(({ id }) => all || needed.has(id))
      .sort(byId)
      .flatMap((node) => modelNode(node) ?? []);
  }

  #allNodes(): Iterable<string> {
    return Array.from(this.#view.all('nodes'), ({ id }) => id);
  }

  #nodesOn(networkIds: readonly string[]): ReadonlySet<string> {
    const nodes = new Set<string>();
    for (const id of networkIds)
      for (const task of this.#view.tasksOfNetwork(id)) if (isLive(task)) nodes.add(task.nodeId);
    return nodes;
  }
}

/** The set of one node from a view alone. */
export const assignmentsOf = (view: SwarmView, nodeId: string): Assignments => new Assigner(view).of(nodeId);

const byId = (a: { readonly id: string }, b: { readonly id: string }): number => (a.id < b.id ? -1 : 1);

const givenText = (task: SwarmTask | undefined): string =>
  task && isGiven(task) ? JSON.stringify(givenTask(task, undefined)) : '';

const peerText = (task: SwarmTask | undefined): string =>
  task && isLive(task) ? JSON.stringify([task.desiredState, peersOf(task)]) : '';

type Files = Pick<Assignments, 'secrets' | 'configs'>;

function filesOf(view: SwarmView, tasks: readonly SwarmTask[]): Files {
  const specs = tasks.flatMap(({ spec }) => spec.ContainerSpec ?? []);
  const secretIds = new Set(specs.flatMap(({ Secrets }) => (Secrets ?? []).map(({ SecretID }) => SecretID)));
  const configIds = new Set(specs.flatMap(({ Configs }) => (Configs ?? []).map(({ ConfigID }) => ConfigID)));
  return {
    secrets: [...secretIds]
      .sort()
      .flatMap((id) => view.get('secrets', id) ?? [])
      .map(assigned),
    configs: [...configIds]
      .sort()
      .flatMap((id) => view.get('configs', id) ?? [])
      .map(assigned),
  };
}

const assigned = ({
  id,
  spec,
}: {
  readonly id: string;
  readonly spec: { readonly Name: string; readonly Data?: string };
}): AssignedFile => ({ id, name: spec.Name, data: spec.Data ?? '' });
