/** What a manager looks at once a second: whether it leads, and whether it still may hand anything out. */
import { messageOf } from '../errors.ts';
import type { EtcdAdmin } from '../kv/etcd/admin.ts';
import type { Logger } from '../observe/logger.ts';
import type { Acknowledging } from './acknowledging.ts';
import type { EtcdProcess } from './etcd-process.ts';
import type { Leader } from './leader.ts';
import type { Members } from './members.ts';
import type { Orphans } from './orphans.ts';
import { finishRotation } from './root-rotation.ts';
import type { Sessions } from './sessions.ts';
import type { Space } from './space.ts';
import type { StandIn } from './stand-in.ts';
import type { ManagerStore } from './store.ts';
import { newToken } from './tokens.ts';

export interface WatchOptions {
  readonly admin: EtcdAdmin;
  readonly store: ManagerStore;
  readonly etcd: EtcdProcess;
  readonly leader: Leader;
  readonly members: Members;
  readonly orphans: Orphans;
  readonly sessions: Sessions;
  readonly acknowledging: Acknowledging;
  readonly standIn: StandIn;
  readonly space: Space;
  readonly logger: Logger;
}

/** Milliseconds: etcd tells nobody of an election, so its member is asked. */
const looking = 1_000;
/** Looks between two at the other managers, and without a leader until nothing is handed out. */
const [tending, patience] = [5, 5];

export class Watch {
  readonly #options: WatchOptions;
  readonly #stop: () => void;
  #timer: NodeJS.Timeout | undefined;
  #looks = 0;
  #without = 0;
  #isAway = false;
  #looked: Promise<void> | undefined;
  #tended: Promise<void> | undefined;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#stop = options.store.onChange((changes) => {
      if (changes.some(({ table }) => table === 'nodes')) this.#looks = 0;
    });
  }

  async begin(): Promise<void> {
    await this.#look();
    this.#timer = setInterval(() => {
      this.#looked ??= this.#look().finally(() => {
        this.#looked = undefined;
      });
    }, looking).unref();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#stop();
  }

  /** The store does not answer, or does again. */
  away(why: Error | undefined): void {
    const { logger } = this.#options;
    this.#isAway = why !== undefined;
    if (!why) logger.info('the state of the swarm is served again');
    else logger.warn('the state of the swarm is not served', { error: why.message });
  }

  async #look(): Promise<void> {
    const { admin, leader, etcd, orphans, acknowledging, standIn, space } = this.#options;
    // its process may end a little later than its connections
    if (this.#isAway) etcd.check();
    const status = await admin.status().catch(() => undefined);
    const hasLeader = status !== undefined && status.leader !== '';
    this.#count(hasLeader);
    const isChosen = hasLeader && status.leader === status.id;
    if (!isChosen && !(hasLeader && standIn.isNeeded())) {
      leader.resign();
      orphans.forget();
    } else if (!leader.isLeading) await this.#lead();
    acknowledging.follow();
    space.look(status, isChosen);
    if (leader.isLeading && this.#looks++ % tending === 0)
      this.#tended ??= this.#tend().finally(() => {
        this.#tended = undefined;
      });
  }

  /** Without a leader what is known may be old: nodes look for another manager. */
  #count(hasLeader: boolean): void {
    const { sessions, logger } = this.#options;
    this.#without = hasLeader ? 0 : this.#without + 1;
    if (hasLeader) sessions.resume();
    if (this.#without !== patience) return;
    logger.warn('the swarm has no leader: nodes are given nothing by this manager');
    sessions.pause();
  }

  async #lead(): Promise<void> {
    try {
      await this.#options.leader.lead();
      this.#looks = 0;
    } catch (error) {
      this.#options.logger.warn('this manager could not take the lead', { error: messageOf(error) });
    }
  }

  async #tend(): Promise<void> {
    const { members, orphans, store, logger } = this.#options;
    try {
      await members.look();
      await members.tend();
      await orphans.look();
      if (await store.transact(finishRotation({ now: Date.now(), newToken })))
        logger.info('the root CA of the swarm is another one: all nodes have certificates by it');
    } catch (error) {
      logger.warn('the managers of the swarm are not looked after', { error: messageOf(error) });
    }
  }
}
