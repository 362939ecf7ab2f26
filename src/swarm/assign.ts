/** What each node is given, from the records. */
import { isDeepStrictEqual } from 'node:util';
import type { Node } from '../model/node.ts';
import type { Peer } from '../model/peer.ts';
import type { MeshPort, VirtualService } from '../model/virtual-service.ts';
import type { AssignedFile, Assignments } from './assignments.ts';
import { givenTask, isGiven, isLive } from './given-task.ts';
import { Kept } from './kept.ts';
import { assemble, type Part, type Parts, partKey } from './parts.ts';
import { isReached, modelNode, peersOf } from './peers.ts';
import type { SwarmChange, SwarmService, SwarmTask, SwarmView } from './records.ts';
import { backendOf, isPublished, networkIdsOf, type Served, served, serviceText } from './served.ts';
import { ingressNetwork } from './service-links.ts';
import { networksOfTask } from './table-set.ts';

const isIngress = (change: SwarmChange & { readonly table: 'networks' }, before: SwarmView): boolean =>
  'put' in change
    ? change.put.network.ingress
    : before.get('networks', change.remove)?.network.ingress === true;

/** Who is on a network. */
interface Neighbours {
  /** By service; a standalone container by its task. */
  readonly groups: ReadonlyMap<string, readonly Peer[]>;
  /** Those that have any of them. */
  readonly nodes: ReadonlySet<string>;
}

/** Whose set may differ: of nodes, of all that are on networks, of all nodes. */
interface Touched {
  readonly nodes: Set<string>;
  readonly networks: Set<string>;
  all: boolean;
}

/** Keeps what nodes share, so that a change costs only what it touches. */
export class Assigner {
  readonly #view: SwarmView;
  readonly #served = new Kept<Served>();
  /** By network. */
  readonly #peers = new Kept<Neighbours>();
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
    const touched: Touched = { nodes: new Set(), networks: new Set(), all: false };
    for (const change of changes) {
      const id = 'put' in change ? change.put.id : change.remove;
      if (change.table === 'tasks')
        this.#taskChanged(touched, before.get('tasks', id), 'put' in change ? change.put : undefined);
      else if (change.table === 'services')
        this.#serviceChanged(touched, before.get('services', id), 'put' in change ? change.put : undefined);
      else if (change.table === 'networks') {
        touched.networks.add(id);
        touched.all ||= isIngress(change, before);
      } else if (change.table !== 'keys') this.#allChanged(touched);
      if ('remove' in change) this.#drop(id);
    }
    const { nodes, networks, all } = touched;
    for (const id of all ? this.#allNodes() : this.#nodesOn(networks)) nodes.add(id);
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
      const { groups, nodes } = this.#neighboursOn(id);
      for (const node of nodes) needed.add(node);
      for (const [group, peers] of groups) parts.set(partKey('peers', `${id} ${group}`), peers);
      for (const one of this.#servicesOn(id)) parts.set(partKey('services', one.id), one);
    }
    // every node serves the mesh, whether it has tasks or not
    const ingress = ingressNetwork(view);
    if (ingress) parts.set(partKey('networks', ingress.id), ingress.network);
    for (const id of this.#published) parts.set(partKey('meshPorts', id), this.#meshPortsOf(id));
    this.#addNodes(parts, this.#published.size > 0 ? this.#allNodes() : needed);
    this.#addFiles(parts, live);
    return parts;
  }

  #taskChanged(touched: Touched, old: SwarmTask | undefined, task: SwarmTask | undefined): void {
    if (!isSame(givenOf(old), givenOf(task)))
      for (const one of [old, task]) if (one) touched.nodes.add(one.nodeId);
    const seenAlike = isSame(seenOf(old), seenOf(task));
    const ledToAlike = isSame(backendOf(old), backendOf(task));
    if (seenAlike && ledToAlike) return;
    const networks = [old, task].flatMap((one) => (one ? networksOfTask(one) : []));
    for (const id of networks) touched.networks.add(id);
    if (!seenAlike) for (const id of networks) this.#peers.forget(id);
    if (ledToAlike) return;
    const serviceId = (task ?? old)?.serviceId ?? '';
    this.#forget(serviceId, networks);
    touched.all ||= this.#published.has(serviceId);
  }

  #serviceChanged(touched: Touched, old: SwarmService | undefined, service: SwarmService | undefined): void {
    if (old && service && serviceText(old) === serviceText(service)) return;
    const wasPublished = old !== undefined && this.#published.has(old.id);
    this.#index(old, service);
    const id = (service ?? old)?.id ?? '';
    const networks = [old, service].flatMap((one) => (one ? [...networkIdsOf(one)] : []));
    this.#forget(id, networks);
    for (const network of networks) touched.networks.add(network);
    touched.all ||= wasPublished || this.#published.has(id);
  }

  #drop(id: string): void {
    for (const kept of [this.#served, this.#peers, this.#services, this.#nodes, this.#files]) kept.drop(id);
  }

  /** Of nodes, secrets, configs and the swarm itself, changes are rare. */
  #allChanged(touched: Touched): void {
    for (const kept of [this.#served, this.#peers, this.#services, this.#nodes, this.#files])
      kept.forgetAll();
    touched.all = true;
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

  #neighboursOn(networkId: string): Neighbours {
    const view = this.#view;
    return this.#peers.get(networkId, (before) => {
      const tasks = [...view.tasksOfNetwork(networkId)].filter((task) =>
        isReached(task, view.get('nodes', task.nodeId)),
      );
      return {
        groups: groupsOf(networkId, tasks, before?.groups),
        nodes: new Set(tasks.map(({ nodeId }) => nodeId)),
      };
    });
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

  #nodesOn(networkIds: Iterable<string>): ReadonlySet<string> {
    const nodes = new Set<string>();
    for (const id of networkIds)
      for (const task of this.#view.tasksOfNetwork(id)) if (isLive(task)) nodes.add(task.nodeId);
    return nodes;
  }
}

/** The set of one node from a view alone. */
export const assignmentsOf = (view: SwarmView, nodeId: string): Assignments => new Assigner(view).of(nodeId);

/** Peers on a network by their service, each group sorted; one that says the same is the object of before. */
function groupsOf(
  networkId: string,
  tasks: readonly SwarmTask[],
  before: Neighbours['groups'] = new Map(),
): Neighbours['groups'] {
  const groups = new Map<string, Peer[]>();
  for (const task of tasks.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    const key = task.serviceId || task.id;
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    group.push(...peersOf(task).filter((peer) => peer.networkId === networkId));
  }
  return new Map(
    Array.from(groups, ([key, peers]) => {
      const known = before.get(key);
      return [key, known && isDeepStrictEqual(known, peers) ? known : peers];
    }),
  );
}

const givenOf = (task: SwarmTask | undefined) =>
  task && isGiven(task) ? givenTask(task, undefined) : undefined;

/** What of a task counts for the others in its networks. */
const seenOf = (task: SwarmTask | undefined) =>
  task && isLive(task) ? { desiredState: task.desiredState, peers: peersOf(task) } : undefined;

/** Of records that differ little most values are the same objects. */
function isSame(a: object | undefined, b: object | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  const [one, other] = [a as Record<string, unknown>, b as Record<string, unknown>];
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].every(
    (key) => one[key] === other[key] || isDeepStrictEqual(one[key], other[key]),
  );
}

const assigned = ({
  id,
  spec,
}: {
  readonly id: string;
  readonly spec: { readonly Name: string; readonly Data?: string };
}): AssignedFile => ({ id, name: spec.Name, data: spec.Data ?? '' });
