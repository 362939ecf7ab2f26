import { expect, test } from 'vitest';
import { fail } from '../errors.ts';
import { capabilitiesOf } from './capabilities.ts';
import type { PluginClient } from './plugin.ts';
import type { Plugins } from './plugins.ts';

/** A plugin of networks and addresses that answers as `say` does at that time. */
function pluginOf(say: () => { readonly scope: string; readonly replay: boolean }) {
  const calls: string[] = [];
  const client = {
    ...{ name: 'p', activation: {}, hostPath: (path: string) => path },
    call: async (method: string) => {
      calls.push(method);
      const { scope, replay } = say();
      return (method.startsWith('Network') ? { Scope: scope } : { RequiresRequestReplay: replay }) as never;
    },
  };
  const plugins = { find: async () => client } as unknown as Plugins;
  return { client, calls, ask: () => capabilitiesOf(plugins, client as PluginClient) };
}

test('what a plugin can do is asked once, and again after it was started again', async () => {
  let said = { scope: 'local', replay: false };
  const { client, calls, ask } = pluginOf(() => said);
  await ask();
  await ask();
  expect(calls).toEqual(['NetworkDriver.GetCapabilities', 'IpamDriver.GetCapabilities']);
  said = { scope: 'global', replay: true };
  client.activation = {};
  expect(await ask()).toMatchObject({ network: { scope: 'global' }, ipam: { requiresReplay: true } });
});

test('what could not be asked is asked again', async () => {
  let isSlow = true;
  const { ask } = pluginOf(() => {
    if (isSlow) throw fail('PLUGIN_SLOW', 'Post "x"');
    return { scope: 'local', replay: true };
  });
  await expect(ask()).rejects.toMatchObject({ code: 'PLUGIN_SLOW' });
  isSlow = false;
  expect(await ask()).toMatchObject({ network: { scope: 'local' }, ipam: { requiresReplay: true } });
});
