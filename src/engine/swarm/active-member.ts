/** This node as a member of a swarm: its link to managers, and the manager that it is itself. */
import { setTimeout as sleep } from 'node:timers/promises';
import { fail, messageOf } from '../../errors.ts';
import type { Manager } from '../../manager/manager.ts';
import type { NodeIdentity, NodeKeys } from '../../manager/node-files.ts';
import { type Channel, type Ends, NodeLink, type Welcome } from '../../manager/node-link.ts';
import { hostOfPlace } from '../../manager/places.ts';
import { dialManager } from '../../manager/remote.ts';
import { fingerprintOf } from '../../manager/subject.ts';
import { readUnlockKey } from '../../manager/tokens.ts';
import type { SwarmStanding, SwarmStore } from '../../swarm/access.ts';
import type { SwarmChange } from '../../swarm/records.ts';
import type { NodeRole } from '../../swarm/spec.ts';
import type { ManagerInside, Member, MemberOptions } from './member.ts';
import { type Opening, openManager } from './opening.ts';
import { Renewal } from './renewal.ts';
import {
  endManaging,
  enrolled,
  forgetMembership,
  needsEnrolling,
  renewed,
  resign,
  type Standing,
  untilOut,
} from './roles.ts';
import { standingOf } from './standing.ts';

/** Milliseconds: the limit for leaving, and pauses between retries. */
const [leaving, firstPause, longestPause] = [2_000, 500, 10_000];

export class ActiveMember implements Member {
  readonly link: NodeLink;
  readonly #options: MemberOptions;
  readonly #renewal: Renewal;
  #identity: NodeIdentity;
  #keys: NodeKeys | undefined;
  #unlockKey: Buffer | undefined;
  #manager: Manager | undefined;
  #wanted: NodeRole;
  #following: Promise<void> | undefined;
  #welcomed = false;
  #dialed = 0;
  #error = '';
  #isClosed = false;
  #isForcing = false;
  #saved: Promise<void> = Promise.resolve();
  #hasLeft = false;

  constructor(options: MemberOptions) {
    const { logger } = options;
    this.#options = options;
    this.#identity = options.identity;
    this.#keys = options.keys;
    this.#wanted = options.identity.role;
    this.link = new NodeLink({
      logger,
      dial: (ends) => this.#dial(ends),
      welcomed: (welcome) => this.#greeted(welcome),
      removed: options.removed,
    });
    this.#renewal = new Renewal({
      ...{ logger, renew: () => this.#renew() },
      certified: (issuer) =>
        this.link.certified({ op: 'certified', issuer, root: fingerprintOf(this.#identity.rootCa) }),
    });
  }

  get role(): NodeIdentity['role'] {
    return this.#identity.role;
  }

  get identity(): NodeIdentity {
    return this.#identity;
  }

  get store(): SwarmStore | undefined {
    return this.#manager?.store;
  }

  get inside(): ManagerInside | undefined {
    return this.#manager;
  }

  standing(): SwarmStanding {
    return standingOf(this.#identity, {
      ...{ isLocked: this.#keys === undefined, isManager: this.#manager !== undefined },
      warnings: this.#options.warnings,
      ...{ isWelcomed: this.#welcomed, error: this.#error || this.#renewal.error },
    });
  }

  /** The first start: what fails is thrown, and nothing is left running. */
  async found(first: readonly SwarmChange[]): Promise<void> {
    this.#manager = await this.#open({ first });
    this.#begun();
  }

  /** Goes on until it has begun, or is closed. */
  begin(): void {
    if (!this.#keys) return;
    // one that is to be a manager is a node at once
    if (this.#identity.role === 'worker' || !this.#keys.manager) this.#begun();
    if (this.#identity.role === 'manager') this.#follow();
  }

  /** Throws SWARM_NOT_LOCKED, SWARM_KEY_TEXT, SWARM_KEY_INVALID. */
  unlock(text: string): void {
    if (this.#keys) throw fail('SWARM_NOT_LOCKED');
    const key = readUnlockKey(text.trim());
    if (!key) throw fail('SWARM_KEY_TEXT');
    this.#keys = this.#options.files.keys(key);
    this.#unlockKey = key;
    this.#options.changed();
    this.begin();
  }

  async close(): Promise<void> {
    this.#stop();
    await this.#following;
    await this.#manager?.close();
    this.#manager = undefined;
    await this.#saved;
  }

  /** Nothing of the swarm stays on this node. */
  async leave(): Promise<void> {
    await this.link.leave(leaving);
    if (this.#manager) await resign(this.#manager, this.#options.logger);
    this.#stop();
    await this.#following;
    await this.#manager?.end();
    this.#manager = undefined;
    this.#hasLeft = true;
    await this.#saved;
    await forgetMembership(this.#options);
  }

  /** The records of this manager alone go on. Throws SWARM_STORE. */
  async forceNew(): Promise<void> {
    this.#isForcing = true;
    await this.#following;
    await this.#manager?.end();
    this.#manager = undefined;
    const { nodeId, advertise } = this.#identity;
    const identity = { ...this.#identity, others: [], managers: [{ nodeId, address: advertise }] };
    if (this.#keys) await this.#keep({ identity, keys: this.#keys });
    try {
      this.#manager = await this.#open({ isForced: true });
      this.#error = '';
      this.#begun();
      this.link.redial();
    } finally {
      this.#isForcing = false;
      if (!this.#manager) this.#follow();
      this.#options.changed();
    }
  }

  #stop(): void {
    this.#isClosed = true;
    this.#renewal.close();
    this.link.close();
  }

  #begun(): void {
    this.link.begin();
    if (this.#keys) this.#renewal.plan(this.#keys.node.certificate);
    this.#manager?.store.onChange((changes) => {
      for (const change of changes)
        if (change.table === 'keys' && 'put' in change) void this.#lock(change.put.unlockKey);
    });
  }

  /** The keys of this node are sealed on disk with the unlock key of now. */
  async #lock(unlockKey: string): Promise<void> {
    this.#unlockKey = readUnlockKey(unlockKey);
    if (this.#keys) await this.#keep({ identity: this.#identity, keys: this.#keys });
  }

  #keep({ identity, keys }: Standing): Promise<void> {
    this.#identity = identity;
    this.#keys = keys;
    this.#saved = this.#saved.then(() => (this.#hasLeft ? undefined : this.#save(keys)));
    return this.#saved;
  }

  /** One write after another, so that the files have the last identity and keys. */
  async #save(keys: NodeKeys): Promise<void> {
    try {
      await this.#options.files.writeKeys(keys, keys.manager && this.#unlockKey);
      await this.#options.files.writeIdentity(this.#identity);
    } catch (error) {
      this.#options.logger.error('the membership of this node is not on disk', { error });
    }
  }

  get #isInRole(): boolean {
    if (this.#wanted === 'manager') return this.#manager !== undefined;
    return this.#manager === undefined && this.#identity.role === 'worker';
  }

  /** Brings this node to the role that it is to have. */
  #follow(): void {
    this.#following ??= this.#followOn().finally(() => {
      this.#following = undefined;
    });
  }

  async #followOn(): Promise<void> {
    let pause = firstPause;
    while (!this.#isClosed && !this.#isForcing && !this.#isInRole) {
      try {
        await (this.#wanted === 'manager' ? this.#becomeManager() : this.#becomeWorker());
        this.#error = '';
      } catch (error) {
        this.#error = messageOf(error);
        // its role may have changed while it was away
        this.link.begin();
        this.#options.logger.error('this node does not have its role in the swarm yet', { error });
        this.#options.changed();
        await sleep(pause, undefined, { ref: false });
        pause = Math.min(longestPause, pause * 2);
        continue;
      }
      this.#options.changed();
    }
  }

  async #becomeManager(): Promise<void> {
    const { role, managers } = this.#identity;
    if (this.#keys && needsEnrolling({ role, managers, keys: this.#keys }))
      await this.#keep(await enrolled({ identity: this.#identity, keys: this.#keys }, this.#options.files));
    this.#manager = await this.#open({});
    this.#begun();
    this.link.redial();
  }

  async #becomeWorker(): Promise<void> {
    if (!this.#keys) return;
    const { nodeId, managers } = this.#identity;
    const manager = this.#manager;
    await untilOut(manager, { run: this.#options.run, nodeId });
    this.#manager = undefined;
    await endManaging(manager, this.#options);
    const identity: NodeIdentity = {
      ...{ ...this.#identity, role: 'worker', others: [] },
      managers: managers.filter((one) => one.nodeId !== nodeId),
    };
    await this.#keep({ identity, keys: { node: this.#keys.node } });
    this.link.redial();
    await this.#renewal.now();
  }

  async #open({ first, isForced = false }: Opening): Promise<Manager> {
    const { node, manager } = this.#keys ?? {};
    if (!node || !manager) throw fail('SWARM_STORE', 'this node has no keys of a manager');
    const standing = { identity: this.#identity, node, manager };
    return openManager(this.#options, standing, {
      ...{ ...(first && { first }), isForced },
      kept: async (kept) => {
        if (this.#keys)
          await this.#keep({ identity: this.#identity, keys: { ...this.#keys, manager: kept } });
      },
    });
  }

  async #dial(ends: Ends): Promise<Channel> {
    if (this.#manager) return this.#manager.dial(ends, hostOfPlace(this.#identity.advertise));
    const { managers, rootCa } = this.#identity;
    const next = managers[this.#dialed++ % Math.max(1, managers.length)];
    if (!next || !this.#keys) throw fail('SWARM_NO_LEADER');
    return dialManager(next.address, { rootCa, node: this.#keys.node, manager: next.nodeId }, ends);
  }

  #greeted({ managers, role, rootCa, issuer }: Welcome): void {
    const identity = { ...this.#identity, managers, rootCa };
    const isNew = JSON.stringify(identity) !== JSON.stringify(this.#identity);
    if (isNew && this.#keys) {
      void this.#keep({ identity, keys: this.#keys });
      this.#manager?.trust({ rootCa, node: this.#keys.node });
    }
    this.#renewal.want(issuer);
    this.#wanted = role;
    if (!this.#isInRole) this.#follow();
    if (this.#welcomed && !isNew) return;
    this.#welcomed = true;
    this.#options.changed();
  }

  async #renew(): Promise<void> {
    if (!this.#keys) return;
    const { node } = await renewed({ identity: this.#identity, keys: this.#keys }, this.#manager);
    // the keys of a manager may have come or gone meanwhile
    await this.#keep({ identity: this.#identity, keys: { ...this.#keys, node } });
    this.#manager?.trust({ rootCa: this.#identity.rootCa, node });
    this.#renewal.plan(node.certificate);
  }
}
