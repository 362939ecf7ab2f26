/** From format 2 to 3: there is a table of what plugins are still to be asked. */
import type { Migration } from './migration.ts';

export const outbox: Migration = {
  to: 3,
  what: 'what plugins are still to be asked has a table',
  change: (before) => ({ ...before, outbox: [] }),
};
