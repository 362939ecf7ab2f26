/** From format 2 to 3: adds the outbox, a table of calls that plugins are still owed. */
import type { Migration } from './migration.ts';

export const outbox: Migration = {
  to: 3,
  what: 'what plugins are still to be asked has a table',
  change: (before) => ({ ...before, outbox: [] }),
};
