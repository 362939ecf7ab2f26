/** Copies the JSON logs of all containers, one copy at a time for each. */
import { messageOf } from '../../errors.ts';
import type { Logger } from '../../observe/logger.ts';
import { copyToJson, type JsonTarget } from './json-file.ts';

/** Milliseconds between attempts to write, for example on a full disk. */
const pause = 5000;
/** Milliseconds that a reader of a log waits for lines that are not yet copied. */
const patience = 2000;

interface Copy {
  stopped: boolean;
  /** Wakes the copy that waits for the log to grow. */
  ring: () => void;
  /** Called when everything is copied for now. */
  readonly idle: Set<() => void>;
  done: Promise<void>;
}

export class JsonLogs {
  readonly #copies = new Map<string, readonly Copy[]>();
  /** Ended containers whose log is completely copied. */
  readonly #whole = new Set<string>();
  readonly #listeners = new Map<string, Set<() => void>>();
  readonly #logger: Logger;
  readonly #isRunning: (id: string) => boolean;

  constructor(logger: Logger, isRunning: (id: string) => boolean) {
    this.#logger = logger;
    this.#isRunning = isRunning;
  }

  /** Copies from the last position to the end of the container, which may have ended already. */
  follow(id: string, target: JsonTarget): void {
    this.#whole.delete(id);
    const others = this.#of(id);
    const before = others.at(-1)?.done ?? Promise.resolve();
    const copy: Copy = { stopped: false, ring: () => undefined, idle: new Set(), done: before };
    copy.done = before.then(() => this.#copy(id, target, copy));
    this.#copies.set(id, [...others, copy]);
    void copy.done.then(() => this.#forget(id, copy));
  }

  /** Copies the rest of the log of an ended container. */
  finish(id: string, target: JsonTarget): void {
    if (!this.#whole.has(id) && this.#of(id).length === 0) this.follow(id, target);
  }

  /** Called when the container has ended; its copy ends at the end of the log. */
  ended(id: string): void {
    for (const copy of this.#of(id)) copy.ring();
  }

  #of(id: string): readonly Copy[] {
    return this.#copies.get(id) ?? [];
  }

  #forget(id: string, copy: Copy): void {
    const rest = this.#of(id).filter((other) => other !== copy);
    if (rest.length > 0) this.#copies.set(id, rest);
    else this.#copies.delete(id);
    for (const listener of copy.idle) listener();
    if (rest.length === 0) for (const listener of this.#listeners.get(id) ?? []) listener();
  }

  /** Whether more may be written of this container. */
  isCopying(id: string): boolean {
    return this.#copies.has(id);
  }

  /** Calls `ended` when the copy has ended; the returned function cancels that. */
  onEnd(id: string, ended: () => void): () => void {
    const listeners = this.#listeners.get(id) ?? new Set();
    this.#listeners.set(id, listeners.add(ended));
    return () => {
      listeners.delete(ended);
      if (listeners.size === 0) this.#listeners.delete(id);
    };
  }

  /** Resolves when everything logged so far is copied, or cannot be for now (a full disk). */
  async drained(id: string): Promise<void> {
    const copy = this.#of(id).at(-1);
    if (!copy) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        copy.idle.delete(done);
        resolve();
      };
      const timer = setTimeout(done, patience);
      copy.idle.add(done);
      copy.ring();
    });
  }

  /** Stops the copy at its position; resolves when nothing more is written. */
  async stop(id: string): Promise<void> {
    const copies = this.#of(id);
    for (const copy of copies) {
      copy.stopped = true;
      copy.ring();
    }
    this.#whole.delete(id);
    await copies.at(-1)?.done;
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.#copies.keys()].map((id) => this.stop(id)));
  }

  async #copy(id: string, target: JsonTarget, copy: Copy): Promise<void> {
    const isStopped = (): boolean => copy.stopped;
    for (let tries = 1; !copy.stopped; tries += 1) {
      try {
        await copyToJson(target, {
          growing: () => !copy.stopped && this.#isRunning(id),
          onGrowingChange: (changed) => {
            copy.ring = changed;
            return () => undefined;
          },
          isStopped,
          isOver: () => !this.#isRunning(id),
          onIdle: () => {
            for (const listener of copy.idle) listener();
          },
        });
        if (!copy.stopped) this.#whole.add(id);
        return;
      } catch (error) {
        if (tries === 1) this.#logger.warn('writing a JSON log', { container: id, why: messageOf(error) });
        if (!this.#isRunning(id) && tries > 1) return;
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, pause);
          timer.unref();
          copy.ring = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    }
  }
}
