/** Who becomes a node of the swarm, and which certificates nodes have. The records decide. */
import { fail } from '../errors.ts';
import { timeText } from '../swarm/context.ts';
import type { SwarmCluster, SwarmKeys, SwarmNode, SwarmView } from '../swarm/records.ts';
import type { NodeRole } from '../swarm/spec.ts';
import { idOf, issue } from './certificates.ts';
import { lifeOf } from './founding.ts';
import type { JoinCall, Joined, ManagerPlace } from './protocol.ts';
import { certifiedBy, signingCa } from './root-rotation.ts';
import type { ManagerStore } from './store.ts';
import { isSame } from './tokens.ts';

export interface AuthorityOptions {
  readonly store: ManagerStore;
  readonly clusterId: string;
  readonly managers: () => readonly ManagerPlace[];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const badToken = 'A valid join token is necessary to join this cluster';

export class Authority {
  readonly #options: AuthorityOptions;

  constructor(options: AuthorityOptions) {
    this.#options = options;
  }

  get clusterId(): string {
    return this.#options.clusterId;
  }

  get rootCa(): string {
    return this.#cluster.rootCa;
  }

  /** Throws where it is no node of the swarm: one that was removed stays out, whatever its certificate says. */
  check(nodeId: string): void {
    if (!this.#options.store.view.get('nodes', nodeId))
      throw fail('SWARM_DENIED', 'the node is not a member of the swarm');
  }

  /** Throws where it does not manage the swarm by now. */
  checkManager(nodeId: string): void {
    const node = this.#options.store.view.get('nodes', nodeId);
    if (node?.spec.Role !== 'manager') throw fail('SWARM_DENIED', 'the node is no manager of the swarm');
  }

  async join({ token, request, availability, address }: JoinCall, from: string): Promise<Joined> {
    const role = this.#roleOf(token);
    const { store, clusterId, managers, now } = this.#options;
    // a call whose answer was lost is made again, with the same key
    const nodeId = await idOf(request);
    const place = { address: address || from, role };
    const certificate = await this.#issue({ nodeId, request, ...place });
    await store.transact((view) => {
      if (view.get('nodes', nodeId)) return { changes: [], result: undefined };
      const put: SwarmNode = newNode(view, { nodeId, availability, from, now: now(), role });
      return { changes: [{ table: 'nodes', put }], result: undefined };
    });
    const { dataPathPort } = this.#cluster;
    return { nodeId, clusterId, role, certificate, managers: managers(), dataPathPort };
  }

  /** For the caller itself alone. */
  async renew(nodeId: string, request: string): Promise<{ readonly certificate: string }> {
    const node = this.#options.store.view.get('nodes', nodeId);
    if (!node) throw fail('SWARM_DENIED', 'the node is not a member of the swarm');
    const { address } = node.status;
    return { certificate: await this.#issue({ nodeId, request, address, role: node.spec.Role }) };
  }

  async #issue({
    nodeId,
    request,
    role,
    address,
  }: {
    readonly nodeId: string;
    readonly request: string;
    readonly role: NodeRole;
    readonly address: string;
  }): Promise<string> {
    const { ca, crossSigned } = signingCa(this.#cluster, this.#keys);
    const certificate = await issue({
      ...{ ca, request, subject: { nodeId, role, clusterId: this.clusterId } },
      ...{ life: lifeOf(this.#cluster.spec), addresses: [address] },
    });
    return certificate + crossSigned;
  }

  /** Both are compared in any case, so that the time does not tell which one it resembles. */
  #roleOf(token: string): NodeRole {
    const { workerToken, managerToken } = this.#keys;
    const [isWorker, isManager] = [isSame(token, workerToken), isSame(token, managerToken)];
    if (!isWorker && !isManager) throw fail('SWARM_INVALID', badToken);
    return isManager ? 'manager' : 'worker';
  }

  get #cluster(): SwarmCluster {
    const [cluster] = this.#options.store.view.all('cluster');
    if (!cluster) throw fail('SWARM_UNAVAILABLE', 'the manager is not ready');
    return cluster;
  }

  get #keys(): SwarmKeys {
    const [keys] = this.#options.store.view.all('keys');
    if (!keys) throw fail('SWARM_UNAVAILABLE', 'the manager is not ready');
    return keys;
  }
}

interface NewNode {
  readonly nodeId: string;
  readonly availability: string;
  readonly from: string;
  readonly now: number;
  readonly role: NodeRole;
}

function newNode(view: SwarmView, { nodeId, availability, from, now, role }: NewNode): SwarmNode {
  const at = timeText(now);
  const [cluster] = view.all('cluster');
  const root = cluster && (cluster.nextRoot?.certificate ?? cluster.rootCa);
  return {
    ...{ id: nodeId, version: 0, createdAt: at, updatedAt: at, number: 0, specChangedAfter: 0 },
    spec: {
      ...{ Name: '', Labels: {}, Role: role },
      Availability: availability === 'pause' || availability === 'drain' ? availability : 'active',
    },
    status: { state: 'unknown', message: '', address: from, since: at },
    ...(root && { certificate: certifiedBy(root, cluster.rootCa) }),
  };
}
