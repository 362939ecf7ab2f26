/**
 * Room for what must be recorded on a full disk: a file beside the store that is given up for it, and made again when
 * there is room.
 */
import { randomBytes } from 'node:crypto';
import { rmSync, statSync } from 'node:fs';
import { rename, rm, statfs, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A commit of a removal writes about ten pages, which the next one uses again. */
const size = 1 << 20;
/** It is not made where that would leave no room for others. */
const roomFor = 8;
/** Milliseconds between attempts. */
const pause = 60_000;

export class Reserve {
  readonly #path: string;
  #isThere: boolean;
  #next = 0;
  #making: Promise<void> | undefined;

  constructor(path: string) {
    this.#path = path;
    this.#isThere = statSync(path, { throwIfNoEntry: false })?.size === size;
  }

  /** True: there is more room now. */
  release(): boolean {
    if (!this.#isThere) return false;
    this.#isThere = false;
    this.#next = Date.now() + pause;
    rmSync(this.#path, { force: true });
    return true;
  }

  /** Makes it where it is missing, and not again soon where there is no room. */
  refill(): void {
    if (this.#isThere || this.#making || Date.now() < this.#next) return;
    this.#next = Date.now() + pause;
    this.#making = this.#make()
      .catch(() => rm(`${this.#path}.tmp`, { force: true }))
      // the next attempt meets it again
      .catch(() => undefined)
      .finally(() => {
        this.#making = undefined;
      });
  }

  /** Resolves when nothing is being written. */
  async idle(): Promise<void> {
    await this.#making;
  }

  /** Zeros would take no room on a file system that compresses. */
  async #make(): Promise<void> {
    const { bavail, bsize } = await statfs(dirname(this.#path));
    if (bavail * bsize < size * roomFor) return;
    await writeFile(`${this.#path}.tmp`, randomBytes(size), { mode: 0o600 });
    await rename(`${this.#path}.tmp`, this.#path);
    this.#isThere = true;
  }
}
