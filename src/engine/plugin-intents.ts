/** The undo of a call is put into the outbox before the call is made, so that it happens whatever the outcome. */
import { hasCode } from '../errors.ts';
import { entriesFor, type PluginCall } from '../model/outbox.ts';
import type { Change } from '../model/tables.ts';
import { nothingDone } from '../plugins/plugins.ts';
import type { Core } from './core.ts';

export type Intending = Pick<Core, 'generate' | 'outbox' | 'records'>;

/** Resolves with the id of the entry, which the commit that records what was given must remove. */
export async function intend(core: Intending, about: string, call: PluginCall): Promise<string> {
  const entries = entriesFor(about, [call], core.generate);
  await core.records.transact(() =>
    entries.map((entry): Change => ({ table: 'outbox', put: { ...entry, state: 'asked' } })),
  );
  return entries.map(({ id }) => id).join();
}

/**
 * The call has failed and is undone. Does not wait for the plugin: if it does not answer, the caller has waited long enough.
 */
export async function takeBack(core: Intending, intent: string, error: unknown): Promise<void> {
  if (!hasCode(error, ...nothingDone)) return void core.outbox.work([intent]);
  await core.records.keep((view) =>
    view.get('outbox', intent) ? [{ table: 'outbox', remove: intent }] : [],
  );
}
