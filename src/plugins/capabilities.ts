/** The capabilities of a network or IPAM plugin, asked once after each handshake, in Docker's order. */
import { hasCode } from '../errors.ts';
import { ipamCapabilities, networkCapabilities, request } from './answers.ts';
import type { PluginClient } from './plugin.ts';
import type { Plugins } from './plugins.ts';

export interface Capabilities {
  readonly network: {
    readonly scope: string;
    /** It must be asked whether a network needs a gateway address. */
    readonly checksGateways: boolean;
  };
  readonly ipam: { readonly requiresMac: boolean; readonly requiresReplay: boolean };
}

/** By handshake: a restarted plugin may have other capabilities. */
const known = new WeakMap<object, Promise<Capabilities>>();

export function capabilitiesOf(plugins: Plugins, client: PluginClient): Promise<Capabilities> {
  const { activation } = client;
  const before = known.get(activation);
  if (before) return before;
  const asked = ask(plugins, client);
  known.set(activation, asked);
  // a failure is not cached
  asked.catch(() => known.delete(activation));
  return asked;
}

async function ask(plugins: Plugins, client: PluginClient): Promise<Capabilities> {
  const network = (await implementsRole(plugins, client.name, 'NetworkDriver'))
    ? await request(client, {
        method: 'NetworkDriver.GetCapabilities',
        body: {},
        answer: networkCapabilities,
      })
    : {};
  const ipam = (await implementsRole(plugins, client.name, 'IpamDriver')) ? await askIpam(client) : {};
  return {
    network: { scope: network.Scope ?? '', checksGateways: network.GwAllocChecker ?? false },
    ipam: {
      requiresMac: ipam.RequiresMACAddress ?? false,
      requiresReplay: ipam.RequiresRequestReplay ?? false,
    },
  };
}

/** The call was added to the protocol later: a driver without it has neither requirement. */
async function askIpam(client: PluginClient) {
  try {
    return await request(client, {
      method: 'IpamDriver.GetCapabilities',
      body: {},
      answer: ipamCapabilities,
    });
  } catch (error) {
    if (hasCode(error, 'PLUGIN_LACKS_METHOD')) return {};
    throw error;
  }
}

async function implementsRole(
  plugins: Plugins,
  name: string,
  role: 'NetworkDriver' | 'IpamDriver',
): Promise<boolean> {
  try {
    await plugins.find(name, role);
    return true;
  } catch (error) {
    if (hasCode(error, 'PLUGIN_LACKS_DRIVER')) return false;
    throw error;
  }
}
