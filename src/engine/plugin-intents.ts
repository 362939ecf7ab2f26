/** What a plugin is to take back is in the outbox before it is asked to give it: whatever comes of the request. */
import { hasCode } from '../errors.ts';
import { entriesFor, type PluginCall } from '../model/outbox.ts';
import type { Change } from '../model/tables.ts';
import type { Core } from './core.ts';

export type Intending = Pick<Core, 'generate' | 'outbox' | 'records'>;

/** Errors after which it is certain that nothing was given. */
const nothingDone = ['PLUGIN_REFUSED', 'PLUGIN_AWAY', 'PLUGIN_LACKS_METHOD', 'PLUGIN_NOT_FOUND'] as const;

/** Id of the entry: it goes in the commit that puts what was given on record. */
export async function intend(core: Intending, about: string, call: PluginCall): Promise<string> {
  const entries = entriesFor(about, [call], core.generate);
  await core.records.transact(() =>
    entries.map((entry): Change => ({ table: 'outbox', put: { ...entry, state: 'asked' } })),
  );
  return entries.map(({ id }) => id).join();
}

/**
 * The request has failed. The plugin is not waited for: one that does not answer has kept its caller waiting long
 * enough.
 */
export async function takeBack(core: Intending, intent: string, error: unknown): Promise<void> {
  if (!hasCode(error, ...nothingDone)) return void core.outbox.work([intent]);
  await core.records.keep((view) =>
    view.get('outbox', intent) ? [{ table: 'outbox', remove: intent }] : [],
  );
}
