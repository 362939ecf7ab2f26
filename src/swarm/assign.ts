/** What each node is given, from the records. */
import type { Node } from '../model/node.ts';
import type { Peer } from '../model/peer.ts';
import type { MeshPort, VirtualService } from '../model/virtual-service.ts';
import type { AssignedFile, Assignments } from './assignments.ts';
import { givenTask, isGiven, isLive } from './given-task.ts';
import { Kept } from './kept.ts';
import { assemble, type Part, type Parts, partKey } from './parts.ts';
import { isReached, modelNode, peersOf } from './peers.ts';
import type { SwarmChange, SwarmService, SwarmTask, SwarmView } from './records.ts';
import { backendText, isPublished, networkIdsOf, type Served, served, serviceText } from './served.ts';
import { ingressNetwork } from './service-links.ts';
import { networksOfTask } from './table-set.ts';

const isIngress = (change: SwarmChange & { readonly table: 'networks' }, before: SwarmView): boolean =>
  'put' in change
    ? change.put.network.ingress
    : before.get('networks', change.remove)?.network.ingress === true;

/** Keeps what nodes share, so that a change costs only what it touches. */
export class Assigner {
  readonly #view: SwarmView;
  readonly #served = new Kept<Served>();
  readonly #peers = new Kept<readonly Peer[]>();
  /** By network. */
  readonly #services = new Kept<readonly VirtualService[]>();
  readonly #nodes = new Kept<Node>();
  readonly #files = new Kept<AssignedFile>();
  /** Services on a network, also those without tasks. */
  readonly #onNetwork = new Map<string, Set<string>>();
  /** Services with ports of the mesh. */
  readonly #published = new Set<string>();

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
      else if (change.table === 'networks')
        add(isIngress(change, before) ? this.#allNodes() : this.#nodesOn([id]));
      else if (change.table !== 'keys') add(this.#allChanged());
      if ('remove' in change) this.#drop(id);
    }
    return nodes;
  }

  of(nodeId: string): Assignments {
    return assemble(this.partsOf(nodeId), { nodeId, ...this.head });
  }

  get head(): { readonly generation: number; readonly revision: number } {
    const [cluster] = this.#view.all('cluster');
    return { generation: cluster?.epoch.generation ?? 0, revision: this.#view.revision };
  }

  /** The same in parts; a part that says the same as at the last call is the same object. */
  partsOf(nodeId: string): Parts {
    const view = this.#view;
    const [cluster] = view.all('cluster');
    const parts = new Map<string, Part>();
    const own = [...view.tasksOfNode(nodeId)].filter(isGiven);
    const live = own.filter(isLive);
    const driver = cluster?.spec.TaskDefaults.LogDriver;
    for (const task of own) parts.set(partKey('tasks', task.id), givenTask(task, driver));
    const needed = new Set([nodeId]);
    for (const id of new Set(live.flatMap(networksOfTask))) {
      const network = view.get('networks', id)?.network;
      if (network) parts.set(partKey('networks', id), network);
      const peers = this.#peersOn(id);
      for (const peer of peers) needed.add(peer.nodeId);
      parts.set(partKey('peers', id), peers);
      parts.set(partKey('services', id), this.#servicesOn(id));
    }
    // every node serves the mesh, whether it has tasks or not
    const ingress = ingressNetwork(view);
    if (ingress) parts.set(partKey('networks', ingress.id), ingress.network);
    for (const id of this.#published) parts.set(partKey('meshPorts', id), this.#meshPortsOf(id));
    this.#addNodes(parts, this.#published.size > 0 ? this.#allNodes() : needed);
    this.#addFiles(parts, live);
    return parts;
  }

  #taskChanged(old: SwarmTask | undefined, task: SwarmTask | undefined): Iterable<string> {
    const touched = new Set<string>();
    for (const one of [old, task]) if (one && givenText(old) !== givenText(task)) touched.add(one.nodeId);
    const networks = [old, task].flatMap((one) => (one ? networksOfTask(one) : []));
    if (peerText(old) !== peerText(task)) {
      for (const id of networks) this.#peers.forget(id);
      for (const id of this.#nodesOn(networks)) touched.add(id);
    }
    if (backendText(old) === backendText(task)) return touched;
    const serviceId = (task ?? old)?.serviceId ?? '';
    this.#forget(serviceId, networks);
    for (const id of this.#published.has(serviceId) ? this.#allNodes() : this.#nodesOn(networks))
      touched.add(id);
    return touched;
  }

  #serviceChanged(old: SwarmService | undefined, service: SwarmService | undefined): Iterable<string> {
    if (old && service && serviceText(old) === serviceText(service)) return [];
    const wasPublished = old !== undefined && this.#published.has(old.id);
    this.#index(old, service);
    const id = (service ?? old)?.id ?? '';
    const networks = [old, service].flatMap((one) => (one ? [...networkIdsOf(one)] : []));
    this.#forget(id, networks);
    if (wasPublished || this.#published.has(id)) return this.#allNodes();
    return this.#nodesOn(networks);
  }

  #drop(id: string): void {
    for (const kept of [this.#served, this.#peers, this.#services, this.#nodes, this.#files]) kept.drop(id);
  }

  /** Of nodes, secrets, configs and the swarm itself, changes are rare. */
  #allChanged(): Iterable<string> {
    for (const kept of [this.#served, this.#peers, this.#services, this.#nodes, this.#files])
      kept.forgetAll();
    return this.#allNodes();
  }

  #index(old: SwarmService | undefined, service: SwarmService | undefined): void {
    if (old) {
      for (const id of networkIdsOf(old)) {
        this.#onNetwork.get(id)?.delete(old.id);
        if (this.#onNetwork.get(id)?.size === 0) this.#onNetwork.delete(id);
      }
      this.#published.delete(old.id);
    }
    if (!service) return;
    for (const id of networkIdsOf(service)) {
      const found = this.#onNetwork.get(id) ?? new Set();
      this.#onNetwork.set(id, found.add(service.id));
    }
    if (isPublished(service)) this.#published.add(service.id);
  }

  #forget(serviceId: string, networkIds: Iterable<string>): void {
    this.#served.forget(serviceId);
    for (const id of networkIds) this.#services.forget(id);
  }

  #servedBy(id: string): Served | undefined {
    const service = this.#view.get('services', id);
    if (!service) this.#served.drop(id);
    return service && this.#served.get(id, () => served(this.#view, service));
  }

  #servicesOn(networkId: string): readonly VirtualService[] {
    return this.#services.get(networkId, () =>
      [...(this.#onNetwork.get(networkId) ?? [])]
        .sort()
        .flatMap((id) => (this.#servedBy(id)?.services ?? []).filter((one) => one.networkId === networkId)),
    );
  }

  #meshPortsOf(serviceId: string): readonly MeshPort[] {
    return this.#servedBy(serviceId)?.meshPorts ?? [];
  }

  #peersOn(networkId: string): readonly Peer[] {
    const view = this.#view;
    return this.#peers.get(networkId, () =>
      [...view.tasksOfNetwork(networkId)]
        .filter((task) => isReached(task, view.get('nodes', task.nodeId)))
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .flatMap((task) => peersOf(task).filter((peer) => peer.networkId === networkId)),
    );
  }

  #addNodes(parts: Map<string, Part>, ids: Iterable<string>): void {
    const [cluster] = this.#view.all('cluster');
    for (const id of ids) {
      const node = this.#view.get('nodes', id);
      const made = node && modelNode(node, cluster?.dataPathPort);
      if (made)
        parts.set(
          partKey('nodes', id),
          this.#nodes.get(id, () => made),
        );
    }
  }

  #addFiles(parts: Map<string, Part>, tasks: readonly SwarmTask[]): void {
    for (const { spec } of tasks)
      for (const [table, ids] of [
        ['secrets', (spec.ContainerSpec?.Secrets ?? []).map(({ SecretID }) => SecretID)] as const,
        ['configs', (spec.ContainerSpec?.Configs ?? []).map(({ ConfigID }) => ConfigID)] as const,
      ])
        for (const id of ids) {
          const record = this.#view.get(table, id);
          if (record)
            parts.set(
              partKey(table, id),
              this.#files.get(id, () => assigned(record)),
            );
        }
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

const givenText = (task: SwarmTask | undefined): string =>
  task && isGiven(task) ? JSON.stringify(givenTask(task, undefined)) : '';

const peerText = (task: SwarmTask | undefined): string =>
  task && isLive(task) ? JSON.stringify([task.desiredState, peersOf(task)]) : '';

const assigned = ({
  id,
  spec,
}: {
  readonly id: string;
  readonly spec: { readonly Name: string; readonly Data?: string };
}): AssignedFile => ({ id, name: spec.Name, data: spec.Data ?? '' });
