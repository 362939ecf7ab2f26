/** Writes the copy of the records shortly after they change. */
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Copy, writeCopy } from './copy.ts';

export interface Keeping {
  readonly path: string;
  /** Returns the current records. */
  readonly copy: () => Copy;
  /** Called where a copy cannot be written, which is no failure of the engine. */
  readonly failed: (error: unknown) => void;
  /** Milliseconds from a change to its copy, and the least time between two copies. */
  readonly delay?: number;
}

/** Copying takes at most 1/100 of the time. */
const share = 100;
/** Bytes of free space that a copy must leave. */
const reserve = 4 << 20;

export class CopyKeeper {
  readonly #keeping: Keeping;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #stale = false;
  #pause: number;

  constructor(keeping: Keeping) {
    this.#keeping = keeping;
    this.#pause = keeping.delay ?? 2_000;
  }

  /** The records have changed. */
  touched(): void {
    this.#stale = true;
    if (this.#timer || this.#running) return;
    this.#timer = setTimeout(() => void this.#write(), this.#pause).unref();
  }

  /** Writes the last copy if one is due. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#running;
    clearTimeout(this.#timer);
    if (this.#stale) await this.#write();
    clearTimeout(this.#timer);
  }

  async #write(): Promise<void> {
    this.#timer = undefined;
    this.#stale = false;
    const began = performance.now();
    this.#running = this.#attempt();
    await this.#running;
    this.#running = undefined;
    this.#pause = Math.max(this.#keeping.delay ?? 2_000, (performance.now() - began) * share);
    if (this.#stale) this.touched();
  }

  async #attempt(): Promise<void> {
    const { path, copy, failed } = this.#keeping;
    try {
      const { bavail, bsize } = await statfs(dirname(path));
      if (bavail * bsize > reserve) await writeCopy(path, copy());
    } catch (error) {
      failed(error);
    }
  }
}
