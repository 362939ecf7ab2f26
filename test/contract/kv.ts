/** What every key-value store behind `src/kv/kv.ts` answers. */
import { clientsOf, type OpenKv } from './kv/clients.ts';
import { rangeCases } from './kv/range.ts';
import { sessionCases } from './kv/session.ts';
import { transactCases } from './kv/transact.ts';
import { watchCases } from './kv/watch.ts';

/** Register the cases; they leave keys behind, each case in a folder that no other has. */
export function kvContract(open: OpenKv): void {
  const clients = clientsOf(open);
  rangeCases(clients);
  transactCases(clients);
  watchCases(clients);
  sessionCases(clients);
}
