/** Sends a call from the outbox to its plugin. */
import { hasCode } from '../errors.ts';
import type { PluginCall } from '../model/outbox.ts';
import { nothing, request } from './answers.ts';
import type { PluginClient } from './plugin.ts';
import type { Plugins } from './plugins.ts';

/**
 * Throws PLUGIN_REFUSED or PLUGIN_LACKS_METHOD if the plugin has answered with an error, else the reason why it did not
 * answer. Does nothing for a managed plugin that was removed: its state is gone with it.
 */
export async function askAgain(
  plugins: Pick<Plugins, 'find'>,
  { plugin, role, method, body }: PluginCall,
): Promise<void> {
  let client: PluginClient;
  try {
    client = await plugins.find(plugin, role);
  } catch (error) {
    if (hasCode(error, 'PLUGIN_NOT_FOUND') && hasTag(plugin)) return;
    throw error;
  }
  await request(client, { method, body, answer: nothing });
}

/** Managed plugins have full names, with a tag. */
const hasTag = (name: string): boolean => /:[\w.-]+$/.test(name);
