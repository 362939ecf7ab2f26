/** Managers come and go: the members of etcd are brought in line with the records of nodes, and others are told who is reachable. */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fail, messageOf } from '../errors.ts';
import type { EtcdAdmin, MemberEntry } from '../kv/etcd/admin.ts';
import type { Logger } from '../observe/logger.ts';
import { timeText } from '../swarm/context.ts';
import { revokePeer, withPeerCertificate } from '../swarm/peer-certificates.ts';
import type { SwarmNode } from '../swarm/records.ts';
import type { EnrollCall, Enrolled } from './calls.ts';
import { issue } from './certificates.ts';
import { peerUrl } from './etcd-flags.ts';
import { peerLife } from './founding.ts';
import { hostOfPlace } from './places.ts';
import type { ManagerStore } from './store.ts';
import { peerCertificateOf } from './subject.ts';

export interface MembersOptions {
  readonly store: ManagerStore;
  readonly admin: EtcdAdmin;
  readonly clusterId: string;
  readonly managerId: string;
  /** The key of the records, base64. */
  readonly state: string;
  readonly logger: Logger;
  /** Called before the first other member: one that is alone has other settings. */
  readonly beforeOthers: () => Promise<void>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Milliseconds: a learner must be in sync, members must be healthy before another comes, and a manager must answer. */
const [syncing, again, answering] = [30_000, 500, 2_000];
const mostManagers = 7;

export class Members {
  readonly #options: MembersOptions;
  /** One change at a time: etcd takes one learner. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: MembersOptions) {
    this.#options = options;
  }

  /** What a node needs to be a member, which it is as a learner from now on. */
  enroll(nodeId: string, call: EnrollCall): Promise<Enrolled> {
    return this.#inTurn(() => this.#enroll(nodeId, call));
  }

  /** Its member is in sync, and counts from now on. */
  admit(nodeId: string, place: string): Promise<void> {
    return this.#inTurn(async () => {
      const { admin, store, now } = this.#options;
      const member = (await admin.members()).find(({ name }) => name === nodeId);
      if (!member) throw fail('SWARM_PRECONDITION', 'the node has no member of the store');
      if (member.isLearner) await this.#untilDone(() => admin.promote(member.id));
      await store.transact((view) => {
        const node = view.get('nodes', nodeId);
        const manager = { address: place, reachability: 'reachable', leader: false } as const;
        const put = node && { ...node, updatedAt: timeText(now()), manager };
        return { changes: put ? [{ table: 'nodes', put }] : [], result: undefined };
      });
    });
  }

  /** Takes members away whose nodes are no managers any more. Done by the leader. */
  tend(): Promise<void> {
    return this.#inTurn(async () => {
      const { admin, store, logger } = this.#options;
      const isManager = (node: SwarmNode | undefined): boolean => node?.spec.Role === 'manager';
      const left = Array.from(store.view.all('nodes')).filter(
        (node) => (node.manager || node.peerCertificates) && !isManager(node),
      );
      for (const { id } of left) await this.withdraw(id);
      const members = await admin.members();
      for (const { id, name } of members) {
        if (name === '' || isManager(store.view.get('nodes', name))) continue;
        logger.info('a manager is taken out of the store of the swarm', { node: name });
        await admin.remove(id);
      }
    });
  }

  /** Whether this manager is counted by the others. */
  async isMember(): Promise<boolean> {
    const { admin, managerId } = this.#options;
    const members = await admin.members().catch(() => []);
    return members.some(({ name }) => name === managerId);
  }

  /** Its record says that it manages no more. */
  async withdraw(nodeId: string): Promise<void> {
    const { store, now } = this.#options;
    await store.transact((view) => {
      const node = view.get('nodes', nodeId);
      if (!node || !(node.manager || node.peerCertificates)) return { changes: [], result: undefined };
      const { manager: _, peerCertificates: __, ...rest } = node;
      const spec = { ...node.spec, Role: 'worker' } as const;
      return {
        changes: [
          ...revokePeer(view, node, now()),
          {
            table: 'nodes',
            put: { ...rest, spec, specChangedAfter: node.version, updatedAt: timeText(now()) },
          },
        ],
        result: undefined,
      };
    });
  }

  /** This manager leaves: the others do not count it any more. */
  async resign(): Promise<void> {
    const { admin, managerId } = this.#options;
    const members = await admin.members();
    const own = members.find(({ name }) => name === managerId);
    if (!own || members.length === 1) return;
    await this.withdraw(managerId);
    await admin.remove(own.id);
  }

  /** Notes which of the other managers answer, and which one leads. */
  async look(): Promise<void> {
    const { store, managerId, now } = this.#options;
    const managers = Array.from(store.view.all('nodes')).filter(({ manager }) => manager);
    const answers = new Map<string, boolean>();
    await Promise.all(
      managers.map(async ({ id, manager }) =>
        answers.set(id, id === managerId || (await answersAt(manager?.address ?? ''))),
      ),
    );
    await store.transact((view) => {
      const changed = managers.flatMap(({ id }) => {
        const node = view.get('nodes', id);
        if (!node?.manager) return [];
        const reachability = answers.get(id) ? ('reachable' as const) : ('unreachable' as const);
        const manager = { ...node.manager, reachability, leader: id === managerId };
        if (JSON.stringify(manager) === JSON.stringify(node.manager)) return [];
        return [{ ...node, manager, updatedAt: timeText(now()) }];
      });
      return { changes: changed.map((put) => ({ table: 'nodes', put }) as const), result: undefined };
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  async #enroll(nodeId: string, { request, place }: EnrollCall): Promise<Enrolled> {
    const { store, clusterId, state } = this.#options;
    const [keys] = store.view.all('keys');
    if (store.view.get('nodes', nodeId)?.spec.Role !== 'manager')
      throw fail('SWARM_DENIED', 'the node is no manager of the swarm');
    if (!keys) throw fail('SWARM_UNAVAILABLE', 'the manager is not ready');
    const address = hostOfPlace(place);
    const peerCertificate = await issue({
      ca: { certificate: keys.peerCa, key: keys.peerKey },
      ...{ request, life: peerLife, addresses: [address, '127.0.0.1'] },
      subject: { nodeId, clusterId, role: 'manager' },
    });
    await store.transact((view) => {
      const node = view.get('nodes', nodeId);
      const put = node && withPeerCertificate(node, peerCertificateOf(peerCertificate), Date.now());
      return { changes: put ? [{ table: 'nodes', put }] : [], result: undefined };
    });
    const members = await this.#withLearner(nodeId, peerUrl(address));
    const others = members.flatMap(({ name, peerUrls }) =>
      name === '' || name === nodeId ? [] : peerUrls.map((url) => `${name}=${url}`),
    );
    return { state, peerCa: keys.peerCa, peerCertificate, others };
  }

  /** The members before it. */
  async #withLearner(nodeId: string, url: string): Promise<readonly MemberEntry[]> {
    const { admin, beforeOthers } = this.#options;
    const before = await admin.members();
    const holder = before.find(({ name, peerUrls }) => name !== nodeId && peerUrls.includes(url));
    if (holder && this.#options.store.view.get('nodes', holder.name)?.spec.Role === 'manager')
      throw fail('SWARM_PRECONDITION', `the address of the node is that of manager ${holder.name}`);
    const known = holder ?? before.find(({ name }) => name === nodeId);
    // one that was added and never came up, or has lost its data
    if (known) await admin.remove(known.id);
    if (before.length >= mostManagers)
      throw fail('SWARM_PRECONDITION', `a swarm has at most ${mostManagers} managers`);
    if (before.length === 1) await beforeOthers();
    await this.#untilDone(async () => void (await admin.addLearner(url)));
    return before.filter(({ id }) => id !== known?.id);
  }

  /** etcd refuses while members are unhealthy, or a learner lags. */
  async #untilDone(work: () => Promise<void>): Promise<void> {
    const end = performance.now() + syncing;
    for (;;) {
      try {
        await work();
        return;
      } catch (thrown) {
        if (performance.now() > end) throw fail('SWARM_UNAVAILABLE', messageOf(thrown));
        await sleep(again);
      }
    }
  }
}

async function answersAt(place: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const port = Number(place.slice(place.lastIndexOf(':') + 1));
  const socket = connect({ host: hostOfPlace(place), port, timeout: answering });
  socket.once('connect', () => resolve(true));
  for (const event of ['error', 'timeout'] as const) socket.once(event, () => resolve(false));
  try {
    return await promise;
  } finally {
    socket.destroy();
  }
}
