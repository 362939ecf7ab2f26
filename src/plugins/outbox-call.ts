/** What the outbox has for a plugin. */
import { hasCode } from '../errors.ts';
import type { PluginCall } from '../model/outbox.ts';
import { nothing, request } from './answers.ts';
import type { PluginClient } from './plugin.ts';
import type { Plugins } from './plugins.ts';

/**
 * Throws PLUGIN_REFUSED and PLUGIN_LACKS_METHOD where the plugin has answered, else what keeps it from that. Of a plugin
 * that the engine ran and that was removed nothing is left to take back.
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

/** As in the full names of plugins that the engine runs. */
const hasTag = (name: string): boolean => /:[\w.-]+$/.test(name);
