/** Room for the store of a manager: on its disk, and in etcd's own limit. */
import { statfs } from 'node:fs/promises';
import { messageOf } from '../errors.ts';
import type { EtcdAdmin, MemberStatus } from '../kv/etcd/admin.ts';
import type { Logger } from '../observe/logger.ts';

export interface SpaceOptions {
  readonly admin: Pick<EtcdAdmin, 'compact' | 'defragment' | 'goOn'>;
  /** Folder of the member's data. */
  readonly data: string;
  readonly logger: Logger;
}

/** Looks, a second each, between two at the disk. */
const often = 60;
/** Free bytes, and looks that a full store is left alone after it was cleaned. */
const [enough, pause] = [512 << 20, 60];

export class Space {
  readonly #options: SpaceOptions;
  #looks = 0;
  #isLow = false;
  #rest = 0;
  #cleaning: Promise<void> | undefined;

  constructor(options: SpaceOptions) {
    this.#options = options;
  }

  /** Each second. */
  look(status: MemberStatus | undefined, isLeading: boolean): void {
    if (this.#looks++ % often === 0) void this.#lookAtDisk();
    this.#rest = Math.max(0, this.#rest - 1);
    if (!status?.isFull || this.#rest > 0) return;
    this.#rest = pause;
    this.#cleaning ??= this.#clean(status.revision, isLeading).finally(() => {
      this.#cleaning = undefined;
    });
  }

  async #lookAtDisk(): Promise<void> {
    const { data, logger } = this.#options;
    try {
      const { bavail, bsize } = await statfs(data);
      const free = bavail * bsize;
      const isLow = free < enough;
      if (isLow && !this.#isLow)
        logger.warn('the disk of this manager is nearly full: without room its store takes no changes', {
          ...{ folder: data, free: `${Math.floor(free / 2 ** 20)} MiB` },
        });
      this.#isLow = isLow;
    } catch (error) {
      logger.warn('the disk of this manager cannot be looked at', { error: messageOf(error) });
    }
  }

  /** Each manager cleans its own member; the alarm ends by the one that leads. */
  async #clean(revision: number, isLeading: boolean): Promise<void> {
    const { admin, logger } = this.#options;
    logger.error('the store of the swarm has reached its limit and takes no changes: it is cleaned', {
      revision,
    });
    try {
      // a manager that is behind reads the whole state again
      if (isLeading) await admin.compact(revision);
      await admin.defragment();
      if (isLeading) await admin.goOn();
    } catch (error) {
      logger.error('the store of the swarm could not be cleaned', { error: messageOf(error) });
    }
  }
}
