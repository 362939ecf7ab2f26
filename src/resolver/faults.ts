/** Errors that concern no question: counted, and logged with a limit, so that they cannot fill the log. */
import type { LogFields, Logger } from '../observe/logger.ts';

export interface Faults {
  /** Counts a fault and logs it, unless its kind was logged within the last ten seconds. */
  note(what: string, fields: LogFields): void;
  /** Number of faults so far. */
  count(): number;
}

/** Least milliseconds between log lines for one kind of fault. */
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
