/** What the outbox has for a plugin. */
import type { PluginCall } from '../model/outbox.ts';
import { nothing, request } from './answers.ts';
import type { Plugins } from './plugins.ts';

/** Throws PLUGIN_REFUSED and PLUGIN_LACKS_METHOD where the plugin has answered, else what keeps it from that. */
export async function askAgain(plugins: Plugins, { plugin, role, method, body }: PluginCall): Promise<void> {
  const client = await plugins.find(plugin, role);
  await request(client, { method, body, answer: nothing });
}
