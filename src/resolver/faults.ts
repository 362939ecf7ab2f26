/** Errors that no question waits for: counted, and logged so that nobody can fill the log with them. */
import type { LogFields, Logger } from '../observe/logger.ts';

export interface Faults {
  /** Count one and log it, unless its kind was logged within the last seconds. */
  note(what: string, fields: LogFields): void;
  /** How many there have been. */
  count(): number;
}

/** Milliseconds in which a kind of fault is logged once. */
const quiet = 10_000;

export function createFaults(log: Logger, now: () => number = () => performance.now()): Faults {
  const kinds = new Map<string, { loggedAt: number; unsaid: number }>();
  let count = 0;
  return {
    count: () => count,
    note(what, fields) {
      count += 1;
      const kind = kinds.get(what);
      if (kind && now() - kind.loggedAt < quiet) {
        kind.unsaid += 1;
        return;
      }
      kinds.set(what, { loggedAt: now(), unsaid: 0 });
      log.error(what, { ...fields, ...(kind && kind.unsaid > 0 && { unsaid: kind.unsaid }) });
    },
  };
}
