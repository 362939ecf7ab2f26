/** This node as a member of a swarm: its link to managers, and the manager that it is itself. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fail, messageOf } from '../../errors.ts';
import { removeTree } from '../../kernel/files/remove-tree.ts';
import type { EtcdMember } from '../../manager/etcd-flags.ts';
import { Manager } from '../../manager/manager.ts';
import type { NodeFiles, NodeIdentity, NodeKeys } from '../../manager/node-files.ts';
import { type Channel, type Ends, NodeLink, type Welcome } from '../../manager/node-link.ts';
import { dialManager } from '../../manager/remote.ts';
import type { Logger } from '../../observe/logger.ts';
import type { SwarmStanding, SwarmStore } from '../../swarm/access.ts';
import type { SwarmChange } from '../../swarm/records.ts';
import { hostOf, readPlace } from './addresses.ts';
import type { Member } from './member.ts';

export interface MemberOptions {
  readonly files: NodeFiles;
  readonly identity: NodeIdentity;
  /** undefined: they are locked. */
  readonly keys: NodeKeys | undefined;
  /** Folder below the exec root. */
  readonly run: string;
  readonly cgroups: readonly string[];
  readonly logger: Logger;
  /** The standing is another one. */
  readonly changed: () => void;
  /** The managers have removed this node. */
  readonly removed: () => void;
}

/** Milliseconds: managers hear of a leave, and a manager that could not be opened is tried again. */
const [leaving, firstPause, longestPause] = [2_000, 500, 10_000];

export class ActiveMember implements Member {
  readonly link: NodeLink;
  readonly #options: MemberOptions;
  #identity: NodeIdentity;
  #keys: NodeKeys | undefined;
  #manager: Manager | undefined;
  #welcomed = false;
  #dialed = 0;
  #error = '';
  #isClosed = false;

  constructor(options: MemberOptions) {
    const { logger } = options;
    this.#options = options;
    this.#identity = options.identity;
    this.#keys = options.keys;
    this.link = new NodeLink({
      logger,
      dial: (ends) => this.#dial(ends),
      welcomed: (welcome) => this.#greeted(welcome),
      removed: options.removed,
    });
  }

  get identity(): NodeIdentity {
    return this.#identity;
  }

  get store(): SwarmStore | undefined {
    return this.#manager?.store;
  }

  standing(): SwarmStanding {
    const { nodeId, advertise, role, managers, dataPath } = this.#identity;
    const dataAddress = dataPath || hostOf(advertise);
    const base = { nodeId, address: hostOf(advertise), dataAddress, managers, warnings: [] };
    if (!this.#keys) return { ...base, state: 'locked', isManager: false, error: '', nodeId: '' };
    if (this.#error) return { ...base, state: 'error', isManager: false, error: this.#error };
    const isReady = role === 'manager' ? this.#manager !== undefined : this.#welcomed;
    return {
      ...base,
      ...{ state: isReady ? 'active' : 'pending', isManager: this.#manager !== undefined, error: '' },
      warnings: managers.length === 2 && role === 'manager' ? [twoManagers] : [],
    };
  }

  /** The first start: what fails is thrown, and nothing is left running. */
  async found(first: readonly SwarmChange[]): Promise<void> {
    this.#manager = await this.#open(first);
    this.link.begin();
  }

  /** Goes on until it has begun, or is closed. */
  begin(): void {
    if (!this.#keys) return;
    if (this.#identity.role === 'worker') this.link.begin();
    else void this.#beginManager();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.link.close();
    await this.#manager?.close();
    this.#manager = undefined;
  }

  /** Nothing of the swarm stays on this node. */
  async leave(): Promise<void> {
    this.#isClosed = true;
    await this.link.leave(leaving);
    this.link.close();
    await this.#manager?.end();
    this.#manager = undefined;
    await removeTree(this.#options.files.folder);
    await removeTree(this.#options.run);
  }

  async #beginManager(): Promise<void> {
    let pause = firstPause;
    while (!this.#isClosed) {
      try {
        this.#manager = await this.#open();
        this.#error = '';
        this.link.begin();
        break;
      } catch (error) {
        this.#error = messageOf(error);
        this.#options.logger.error('this manager of the swarm could not begin', { error });
      }
      this.#options.changed();
      await sleep(pause, undefined, { ref: false });
      pause = Math.min(longestPause, pause * 2);
    }
    this.#options.changed();
  }

  async #open(first?: readonly SwarmChange[]): Promise<Manager> {
    const { node, manager: keys } = this.#keys ?? {};
    if (!node || !keys) throw fail('SWARM_STORE', 'this node has no keys of a manager');
    const { files, run, cgroups, logger } = this.#options;
    const member = memberOf(this.#identity);
    const { rootCa, listen } = this.#identity;
    return Manager.open(
      {
        ...{ data: join(files.folder, 'etcd'), run, cgroups, member, keys, node, rootCa, logger },
        listen: readPlace(listen, listen),
      },
      first,
    );
  }

  async #dial(ends: Ends): Promise<Channel> {
    if (this.#manager) return this.#manager.dial(ends, hostOf(this.#identity.advertise));
    const { managers, rootCa } = this.#identity;
    const next = managers[this.#dialed++ % Math.max(1, managers.length)];
    if (!next || !this.#keys) throw fail('SWARM_NO_LEADER');
    return dialManager(next.address, { rootCa, node: this.#keys.node }, ends);
  }

  #greeted({ managers }: Welcome): void {
    const isNew = JSON.stringify(managers) !== JSON.stringify(this.#identity.managers);
    if (isNew) {
      this.#identity = { ...this.#identity, managers };
      this.#options.files
        .writeIdentity(this.#identity)
        .catch((error) => this.#options.logger.warn('the managers are not on record', { error }));
    }
    if (this.#welcomed && !isNew) return;
    this.#welcomed = true;
    this.#options.changed();
  }
}

const twoManagers =
  'WARNING: Running Swarm in a two-manager configuration. This configuration provides no fault tolerance, and poses a high risk to lose control over the cluster. Refer to https://docs.docker.com/engine/swarm/admin_guide/ to configure the Swarm for fault-tolerance.';

const memberOf = ({ nodeId, clusterId, listen, advertise }: NodeIdentity): EtcdMember => ({
  ...{ nodeId, clusterId, listen: hostOf(listen), advertise: hostOf(advertise) },
  ...{ others: [], isNew: true },
});
