/**
 * A new key of this host for encrypted networks each week. WireGuard itself makes new keys for its packets every two minutes;
 * this one only says who a host is, and one that was stolen, with a backup say, is of no use after that time.
 *
 * The others learn of the next key a minute before it is used, and take packets of both. It is not used while a host that
 * is on one of the same networks is silent: that one would not know of it.
 */
import { existsSync, renameSync, statSync } from 'node:fs';
import type { Cluster } from '../cluster/cluster.ts';
import { secureHosts } from '../model/secure-tunnels.ts';
import type { Core } from './core.ts';
import { nextKeyFile, tunnelKey, tunnelKeyFile } from './tunnel-key.ts';

/** Milliseconds: a key's life, and how long the others have to learn of the next one. */
export interface Lives {
  readonly key: number;
  readonly announced: number;
}

const usual: Lives = { key: 7 * 24 * 3600_000, announced: 60_000 };

type Rotating = Pick<Core, 'config' | 'logger' | 'model'>;

/** Begins; the returned function ends it. */
export function rotateKeys(
  core: Rotating,
  cluster: Pick<Cluster, 'describe' | 'why'>,
  lives: Lives = usual,
): () => void {
  const rotation = new KeyRotation(core, cluster, lives);
  rotation.begin();
  return () => rotation.close();
}

class KeyRotation {
  readonly #core: Rotating;
  readonly #cluster: Pick<Cluster, 'describe' | 'why'>;
  readonly #lives: Lives;
  readonly #file: string;
  readonly #next: string;
  #timer: NodeJS.Timeout | undefined;
  /** The store could be written when the next key was announced, or a while ago. */
  #isTold = false;

  constructor(core: Rotating, cluster: Pick<Cluster, 'describe' | 'why'>, lives: Lives) {
    this.#core = core;
    this.#cluster = cluster;
    this.#lives = lives;
    this.#file = tunnelKeyFile(core.config.dataRoot);
    this.#next = nextKeyFile(core.config.dataRoot);
  }

  begin(): void {
    this.#wait(existsSync(this.#next) ? this.#lives.announced : this.#lives.key - this.#age());
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  /** 0 for a file that is not there, and after a clock that jumped back. */
  #age(): number {
    const { mtimeMs = Infinity } = statSync(this.#file, { throwIfNoEntry: false }) ?? {};
    return Math.max(0, Date.now() - mtimeMs);
  }

  #wait(milliseconds: number): void {
    this.#timer = setTimeout(() => void this.#step(), Math.max(0, milliseconds)).unref();
  }

  async #step(): Promise<void> {
    try {
      await (existsSync(this.#next) ? this.#use() : this.#announce());
    } catch (error) {
      this.#core.logger.error('the key for encrypted networks is not renewed', { error });
      this.#wait(this.#lives.announced);
    }
  }

  async #announce(): Promise<void> {
    const { public: nextKey } = tunnelKey(this.#next);
    await this.#cluster.describe((node) => ({ ...node, nextKey }));
    this.#isTold = this.#cluster.why === undefined;
    this.#wait(this.#lives.announced);
  }

  async #use(): Promise<void> {
    const { logger, model } = this.#core;
    const isSilent = secureHosts(model).some(({ lost }) => lost);
    const wasTold = this.#isTold;
    this.#isTold = this.#cluster.why === undefined;
    if (isSilent || !this.#isTold || !wasTold) return this.#wait(this.#lives.announced);
    renameSync(this.#next, this.#file);
    const { public: key } = tunnelKey(this.#file);
    await this.#cluster.describe(({ nextKey: _, ...node }) => ({ ...node, key }));
    logger.info('this host has a new key for encrypted networks');
    this.#wait(this.#lives.key);
  }
}
