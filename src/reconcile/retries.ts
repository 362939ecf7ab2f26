/** Retries failures with a growing delay until they succeed; meanwhile they are listed as degraded. */
import { hasCode, messageOf } from '../errors.ts';
import type { Logger } from '../observe/logger.ts';

/** Milliseconds before the first retry; doubled each time up to the longest. */
const firstDelay = 1_000;
const longestDelay = 60_000;

export interface Subject {
  /** Unique: `network:ID`, `start:ID`. */
  readonly key: string;
  /** Name for messages: `network app`. */
  readonly name: string;
}

/** A failure that is being retried or waited for. */
export interface Degraded extends Subject {
  readonly error: string;
  /** RFC 3339: time of the first of consecutive failures, and of the next attempt ('' for none before a restart). */
  readonly since: string;
  readonly next: string;
  readonly attempts: number;
}

interface Entry {
  degraded: Degraded;
  readonly again?: () => Promise<unknown>;
  readonly timer?: NodeJS.Timeout;
}

export class Retries {
  readonly #logger: Logger;
  readonly #entries = new Map<string, Entry>();
  readonly #listeners = new Set<() => void>();
  #closed = false;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Runs the task now and, if it fails, again later. Never rejects; true for success. Runs nothing once closed. */
  async attempt(subject: Subject, task: () => unknown): Promise<boolean> {
    if (this.#closed) return false;
    try {
      await task();
      this.succeeded(subject.key);
      return true;
    } catch (error) {
      this.failed(subject, error, () => this.attempt(subject, task));
      return false;
    }
  }

  /** Lists the failure until `succeeded` is called, without retrying. */
  waits(subject: Subject, error: unknown): void {
    if (this.#closed) return;
    const { since = rfc3339(0), attempts = 0 } = this.#entries.get(subject.key)?.degraded ?? {};
    const degraded = { ...subject, error: messageOf(error), since, next: '', attempts: attempts + 1 };
    this.#set(subject.key, { degraded });
    if (attempts === 0) this.#logger.warn('degraded', { subject: subject.name, error });
  }

  /** As `attempt`, for tasks that must not run beside requests: a failed one is retried at the next start. */
  async once(subject: Subject, task: () => unknown): Promise<void> {
    try {
      await task();
    } catch (error) {
      const since = rfc3339(0);
      const degraded = { ...subject, error: messageOf(error), since, next: '', attempts: 1 };
      this.#set(subject.key, { degraded });
      this.#logger.warn('degraded until the engine is restarted', { subject: subject.name, error });
    }
  }

  /** Reports a failure of a caller's run; `again` must report its own result. */
  failed(subject: Subject, error: unknown, again: () => Promise<unknown>): void {
    const before = this.#entries.get(subject.key);
    clearTimeout(before?.timer);
    if (this.#closed) return;
    const attempts = (before?.degraded.attempts ?? 0) + 1;
    const delay = hasCode(error, 'VNI_TAKEN') ? delaySoon(attempts) : delayAfter(attempts);
    const since = before?.degraded.since ?? rfc3339(0);
    const degraded = { ...subject, error: messageOf(error), since, next: rfc3339(delay), attempts };
    const timer = setTimeout(() => void again().catch(() => undefined), delay).unref();
    this.#set(subject.key, { degraded, again, timer });
    const known = before?.degraded.error === degraded.error;
    this.#logger[known ? 'debug' : 'warn']('degraded: it will be tried again', {
      subject: subject.name,
      error,
      attempts,
      seconds: delay / 1000,
    });
  }

  succeeded(key: string): void {
    const entry = this.#take(key);
    if (entry) this.#logger.info('no longer degraded', { subject: entry.degraded.name });
  }

  /** Drops a subject that is no longer wanted. */
  drop(key: string): void {
    this.#take(key);
  }

  /** Runs all pending retries at once, because the host has changed. */
  hurry(): void {
    for (const { timer, again } of [...this.#entries.values()]) {
      if (!again) continue;
      clearTimeout(timer);
      void again().catch(() => undefined);
    }
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  list(): readonly Degraded[] {
    return Array.from(this.#entries.values(), ({ degraded }) => degraded);
  }

  /** Calls the listener after changes of the list, until the returned function is called. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  close(): void {
    this.#closed = true;
    for (const key of [...this.#entries.keys()]) this.#take(key);
  }

  #take(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    clearTimeout(entry?.timer);
    if (this.#entries.delete(key)) this.#tell();
    return entry;
  }

  #set(key: string, entry: Entry): void {
    this.#entries.set(key, entry);
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** Milliseconds before the next attempt, after this many consecutive failures. */
export const delayAfter = (attempts: number): number =>
  Math.min(firstDelay * 2 ** Math.min(attempts - 1, 16), longestDelay);

/** As `delayAfter`, for failures that usually end by themselves: each second for half a minute, then each minute. */
const delaySoon = (attempts: number): number => (attempts > 30 ? longestDelay : firstDelay);

const rfc3339 = (inMilliseconds: number): string => new Date(Date.now() + inMilliseconds).toISOString();
