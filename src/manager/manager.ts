/** A manager: its member of etcd, the mirror of the swarm's records, sessions of nodes, and what it does as the leader. */
import { fail } from '../errors.ts';
import { createKv } from '../kv/client.ts';
import { type EtcdAdmin, openAdmin } from '../kv/etcd/admin.ts';
import { Etcd } from '../kv/etcd/etcd.ts';
import type { Logger } from '../observe/logger.ts';
import { Assigner } from '../swarm/assign.ts';
import { SwarmMemory } from '../swarm/memory.ts';
import { Orchestrator } from '../swarm/orchestrate.ts';
import type { SwarmChange } from '../swarm/records.ts';
import { Authority } from './authority.ts';
import type { Credentials } from './certificates.ts';
import { type EtcdMember, etcdFlags, storeLimits, writePeerKeys } from './etcd-flags.ts';
import { EtcdProcess } from './etcd-process.ts';
import { generate } from './generate.ts';
import { Leader } from './leader.ts';
import { openLocal } from './local-channel.ts';
import type { ManagerKeys } from './node-files.ts';
import type { Channel, Ends } from './node-link.ts';
import { sealBy } from './sealing.ts';
import { ManagerServer } from './server.ts';
import { Sessions } from './sessions.ts';
import { ManagerStore } from './store.ts';

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
}

/** Milliseconds for the first look at the state, and between looks at who leads. */
const [reading, looking] = [20_000, 1_000];
const now = (): number => Date.now();

export class Manager {
  readonly store: ManagerStore;
  readonly sessions: Sessions;
  readonly #options: ManagerOptions;
  readonly #etcd: EtcdProcess;
  readonly #admin: EtcdAdmin;
  readonly #leader: Leader;
  readonly #server: ManagerServer;
  #looking: NodeJS.Timeout | undefined;
  #checking: NodeJS.Timeout | undefined;

  private constructor(options: ManagerOptions, etcd: EtcdProcess) {
    const { logger, keys, member } = options;
    this.#options = options;
    this.#etcd = etcd;
    const address = { host: 'localhost', port: 0, socket: etcd.socket };
    this.#admin = openAdmin(address);
    const source = { store: 'etcd', addresses: [address], prefix: '' } as const;
    const memory = new SwarmMemory();
    this.store = new ManagerStore({
      kv: createKv(new Etcd(source, { folder: 'swarm' }), { limits: storeLimits }),
      seal: sealBy(Buffer.from(keys.state, 'base64')),
      ...{ memory, logger, onAway: (why) => this.#away(why) },
    });
    const { store } = this;
    const managerId = member.nodeId;
    const orchestrator = new Orchestrator(memory);
    this.sessions = new Sessions({
      ...{ store, logger, managerId, now, newId: () => generate.id(), assigner: new Assigner(memory) },
    });
    const { sessions } = this;
    this.#leader = new Leader({ store, orchestrator, sessions, managerId, logger, now });
    const { node, rootCa, listen } = options;
    const managers = () => sessions.managers;
    const authority = new Authority({ store, clusterId: member.clusterId, managers, now });
    this.#server = new ManagerServer({ ...listen, node, rootCa, authority, sessions, logger });
  }

  /** `first`: the records of a swarm that begins. Throws SWARM_STORE. */
  static async open(options: ManagerOptions, first?: readonly SwarmChange[]): Promise<Manager> {
    const { data, run, cgroups, logger, keys, member } = options;
    const flags = (): readonly string[] => {
      writePeerKeys(run, keys);
      return etcdFlags(member);
    };
    const etcd = new EtcdProcess({ data, run, cgroups, logger, flags });
    await etcd.begin();
    const manager = new Manager(options, etcd);
    try {
      await manager.#begin(first);
      return manager;
    } catch (thrown) {
      await manager.close();
      throw thrown;
    }
  }

  /** A session of this manager's own node. */
  dial(ends: Ends, address: string): Channel {
    return openLocal(this.sessions, { nodeId: this.#options.member.nodeId, address, ends });
  }

  /** The engine ends; the store goes on. */
  async close(): Promise<void> {
    clearInterval(this.#looking);
    clearInterval(this.#checking);
    await this.#server.close();
    this.sessions.close();
    await this.#leader.close();
    await this.store.close();
    this.#admin.close();
    this.#etcd.release();
  }

  /** This node manages no more; its copy of the records is useless from now on. */
  async end(): Promise<void> {
    await this.close();
    await this.#etcd.stop();
  }

  async #begin(first: readonly SwarmChange[] | undefined): Promise<void> {
    await this.store.begin(reading);
    if (first) await this.store.transact(() => ({ changes: first, result: undefined }));
    if ([...this.store.view.all('cluster')].length === 0)
      throw fail('SWARM_STORE', 'it has no records of the swarm');
    await this.#server.listen();
    await this.#look();
    this.#looking = setInterval(() => void this.#look(), looking).unref();
  }

  /** etcd tells nobody of an election, so its member is asked. The one that leads there leads here. */
  async #look(): Promise<void> {
    const status = await this.#admin.status().catch(() => undefined);
    const isLeading = status !== undefined && status.leader !== '' && status.leader === status.id;
    if (isLeading === this.#leader.isLeading) return;
    if (!isLeading) return this.#leader.resign();
    try {
      await this.#leader.lead();
    } catch (error) {
      this.#options.logger.warn('this manager could not take the lead', { error });
    }
  }

  #away(why: Error | undefined): void {
    const { logger } = this.#options;
    clearInterval(this.#checking);
    if (!why) logger.info('the state of the swarm is served again');
    else logger.warn('the state of the swarm is not served', { error: why.message });
    // its process may end a little later than its connections
    if (why) this.#checking = setInterval(() => this.#etcd.check(), looking).unref();
  }
}
