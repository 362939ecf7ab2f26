/** A manager: its member of etcd, the mirror of the swarm's records, sessions of nodes, and what it does as the leader. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fail } from '../errors.ts';
import { createKv } from '../kv/client.ts';
import { type EtcdAdmin, openAdmin } from '../kv/etcd/admin.ts';
import { Etcd } from '../kv/etcd/etcd.ts';
import type { Logger } from '../observe/logger.ts';
import { Assigner } from '../swarm/assign.ts';
import { SwarmMemory } from '../swarm/memory.ts';
import { Orchestrator } from '../swarm/orchestrate.ts';
import type { SwarmChange } from '../swarm/records.ts';
import { Acknowledging } from './acknowledging.ts';
import { Authority } from './authority.ts';
import { makeRootCa } from './certificates.ts';
import { Copies, copiesFolder, newestCopy, readCopy } from './copies.ts';
import { type EtcdMember, etcdFlags, storeLimits, writePeerKeys } from './etcd-flags.ts';
import { EtcdProcess, etcdHelp } from './etcd-process.ts';
import { generate } from './generate.ts';
import { keepHeapSmall } from './heap.ts';
import { Leader } from './leader.ts';
import { openLocal } from './local-channel.ts';
import { LogRelay } from './log-relay.ts';
import { Members } from './members.ts';
import { afterForce, copyData, forceMember } from './new-cluster.ts';
import type { ManagerKeys } from './node-files.ts';
import type { Channel, Ends } from './node-link.ts';
import { Orphans } from './orphans.ts';
import { PeerRenewal } from './peer-renewal.ts';
import type { Credentials } from './root-ca.ts';
import { type Seal, sealBy } from './sealing.ts';
import { ManagerServer } from './server.ts';
import { Sessions } from './sessions.ts';
import { Space } from './space.ts';
import { StandIn } from './stand-in.ts';
import { ManagerStore } from './store.ts';
import { Watch } from './watch.ts';

export interface ManagerOptions {
  /** Folder of the member's data. */
  readonly data: string;
  readonly run: string;
  readonly cgroups: readonly string[];
  readonly member: EtcdMember;
  readonly keys: ManagerKeys;
  readonly node: Credentials;
  readonly rootCa: string;
  /** Of its port for nodes. */
  readonly listen: { readonly host: string; readonly port: number };
  readonly logger: Logger;
  /** The records of a swarm that begins. */
  readonly first?: readonly SwarmChange[];
  /** It goes on without the others. */
  readonly isForced?: boolean;
  /** Keeps new keys on disk. */
  readonly kept: (keys: ManagerKeys) => Promise<void>;
  /** Asks another manager to count this one; called while its member only learns. */
  readonly admitted?: () => Promise<void>;
}

/** Milliseconds for the first look at the state. */
const reading = 20_000;
const now = (): number => Date.now();
/** Records of one transaction. */
const atOnce = 500;

export class Manager {
  readonly store: ManagerStore;
  readonly sessions: Sessions;
  readonly authority: Authority;
  readonly members: Members;
  readonly logs: LogRelay;
  readonly #options: ManagerOptions;
  readonly #etcd: EtcdProcess;
  readonly #admin: EtcdAdmin;
  readonly #leader: Leader;
  readonly #server: ManagerServer;
  readonly #watch: Watch;
  readonly #peers: PeerRenewal;
  readonly #acknowledging: Acknowledging;
  readonly #copies: Copies;
  readonly #letHeapGrow = keepHeapSmall();
  #trust: { readonly rootCa: string; readonly node: Credentials };

  private constructor(options: ManagerOptions, etcd: EtcdProcess) {
    const { logger, member, node, rootCa, listen } = options;
    const { nodeId: managerId, clusterId } = member;
    this.#options = options;
    this.#etcd = etcd;
    this.#admin = openAdmin(addressOf(etcd));
    const memory = new SwarmMemory();
    const seal = sealBy(Buffer.from(options.keys.state, 'base64'));
    this.store = storeOf(logger, { etcd, memory, seal, away: (why) => this.#watch.away(why) });
    this.#copies = new Copies({ folder: copiesFolder(options.data), view: memory, seal, logger });
    const { store } = this;
    const assigner = new Assigner(memory);
    this.sessions = new Sessions({ store, logger, managerId, now, newId: () => generate.id(), assigner });
    const { sessions } = this;
    const about = { store, managerId, logger, now };
    this.#leader = new Leader({ ...about, orchestrator: new Orchestrator(memory), sessions });
    this.authority = new Authority({ store, clusterId, managers: () => sessions.managers, now });
    this.members = new Members({
      ...{ ...about, admin: this.#admin, clusterId, state: options.keys.state },
      beforeOthers: () => etcd.restart(),
    });
    const { authority, members } = this;
    const { run, keys, kept } = options;
    this.#peers = new PeerRenewal({
      ...{ store, run, nodeId: managerId, clusterId, address: member.advertise, keys, kept, logger },
    });
    this.#trust = { rootCa, node };
    this.logs = new LogRelay({ store, sessions, managerId, trust: () => this.#trust });
    this.#acknowledging = new Acknowledging({ ...about, sessions, trust: () => this.#trust });
    const parts = { authority, members, sessions, logs: this.logs };
    this.#server = new ManagerServer({ ...listen, node, rootCa, ...parts, logger });
    this.#watch = new Watch({
      ...{ admin: this.#admin, leader: this.#leader, members, sessions, logger },
      ...{ orphans: new Orphans({ ...about, sessions }), store, etcd },
      acknowledging: this.#acknowledging,
      space: new Space({ admin: this.#admin, data: options.data, logger }),
      standIn: new StandIn({ store, leader: this.#leader, acknowledging: this.#acknowledging, managerId }),
    });
  }

  /** Throws SWARM_STORE. */
  static async open(options: ManagerOptions): Promise<Manager> {
    const { data, run, cgroups, logger, keys, member, isForced = false } = options;
    let starts = 0;
    let manager: Manager | undefined;
    const help = await etcdHelp();
    const flags = (): readonly string[] => {
      writePeerKeys(run, manager?.peerKeys ?? keys);
      // it is started again for others to come
      const isAlone = member.isAlone === true && starts++ === 0;
      return etcdFlags({ ...member, isAlone, hasCrl: keys.peerCrl !== undefined }, help);
    };
    const place = { data, run, cgroups, logger };
    // a store that is gone has nothing that could be forced
    if (isForced && existsSync(join(data, 'member'))) await forceAlone(place, { flags, member, help });
    const etcd = new EtcdProcess({ ...place, flags });
    await etcd.begin().catch((thrown: unknown) => {
      // it is not started again behind the back of the next attempt
      etcd.release();
      throw thrown;
    });
    manager = new Manager(options, etcd);
    try {
      await manager.#begin();
      return manager;
    } catch (thrown) {
      await manager.close();
      throw thrown;
    }
  }

  /** As they are by now. */
  get peerKeys(): ManagerKeys {
    return this.#peers.keys;
  }

  /** How far a node has come with what it was given. */
  progress(nodeId: string): ReturnType<Sessions['progress']> {
    return this.sessions.progress(nodeId);
  }

  /** A session of this manager's own node. Throws SWARM_NO_LEADER while nothing is handed out. */
  dial(ends: Ends, address: string): Channel {
    return openLocal(this.sessions, { nodeId: this.#options.member.nodeId, address, ends });
  }

  /** Nodes are answered with this certificate from now on, and theirs must be by this root CA. */
  trust(trust: { readonly rootCa: string; readonly node: Credentials }): void {
    this.#trust = trust;
    this.#server.renew(trust);
  }

  /** The engine ends; the store goes on. */
  async close(): Promise<void> {
    this.#watch.close();
    this.#peers.close();
    this.#acknowledging.close();
    await this.#copies.close();
    await this.#server.close();
    this.sessions.close();
    await this.#leader.close();
    await this.store.close();
    this.#admin.close();
    this.#etcd.release();
    this.#letHeapGrow();
  }

  /** This node manages no more; its copy of the records is useless from now on. */
  async end(): Promise<void> {
    await this.close();
    await this.#etcd.stop();
  }

  async #goOnAlone(): Promise<void> {
    const { nodeId: managerId } = this.#options.member;
    await this.store.transact(afterForce({ managerId, peers: await makeRootCa('swarm-peers'), now: now() }));
    await this.#peers.replace();
  }

  async #begin(): Promise<void> {
    const { first, admitted } = this.#options;
    if (admitted && (await this.#admin.status()).isLearner) await admitted();
    await this.store.begin(reading);
    if (first) await this.store.transact(() => ({ changes: first, result: undefined }));
    await this.#findRecords();
    if (this.#options.isForced) await this.#goOnAlone();
    await this.#peers.begin();
    await this.#server.listen();
    await this.#watch.begin();
    this.#copies.begin();
  }

  /** A store that is lost begins again from the newest copy where the user says so. */
  async #findRecords(): Promise<void> {
    const { data, isForced = false, keys, logger } = this.#options;
    if ([...this.store.view.all('cluster')].length > 0) return;
    const name = await newestCopy(copiesFolder(data));
    if (name === undefined) throw fail('SWARM_STORE', 'it has no records of the swarm');
    if (!isForced)
      throw fail(
        'SWARM_STORE',
        `it has no records of the swarm (docker swarm init --force-new-cluster begins it again from ${name})`,
      );
    logger.warn('the swarm begins again from a copy of its records', { copy: name });
    const records = await readCopy(join(copiesFolder(data), name), sealBy(Buffer.from(keys.state, 'base64')));
    for (let i = 0; i < records.length; i += atOnce)
      await this.store.transact(() => ({ changes: records.slice(i, i + atOnce), result: undefined }));
  }
}

type Place = Pick<ManagerOptions, 'data' | 'run' | 'cgroups' | 'logger'>;

/** Its copy of the records is made a store of its own; nobody reaches it meanwhile. */
async function forceAlone(
  place: Place,
  {
    flags,
    member,
    help,
  }: { readonly flags: () => readonly string[]; readonly member: EtcdMember; readonly help: string },
): Promise<void> {
  await new EtcdProcess({ ...place, flags }).stop();
  await copyData(place.data);
  const alone = (): readonly string[] => {
    flags();
    return [...etcdFlags({ ...member, listen: '127.0.0.1', isAlone: true }, help), '--force-new-cluster'];
  };
  await forceMember(new EtcdProcess({ ...place, flags: alone }));
}

const addressOf = ({ socket }: EtcdProcess) => ({ host: 'localhost', port: 0, socket });

interface StoreParts {
  readonly etcd: EtcdProcess;
  readonly memory: SwarmMemory;
  readonly seal: Seal;
  readonly away: (why: Error | undefined) => void;
}

function storeOf(logger: Logger, { etcd, memory, seal, away }: StoreParts): ManagerStore {
  const source = { store: 'etcd', addresses: [addressOf(etcd)], prefix: '' } as const;
  return new ManagerStore({
    kv: createKv(new Etcd(source, { folder: 'swarm' }), { limits: storeLimits }),
    ...{ seal, memory, logger, onAway: away },
  });
}
