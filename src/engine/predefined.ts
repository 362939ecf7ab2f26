/** The predefined networks by settings and host. */
import { ownBridgeName, predefinedNetworks } from '../model/predefined.ts';
import type { Change, View } from '../model/tables.ts';
import type { Core } from './core.ts';
import { type NetworkSources, networkContext } from './network-context.ts';

/** None if they are up to date. Throws CONFIG_INVALID if the bridge of `--bridge` is missing. */
export function predefinedChanges(core: NetworkSources, view: View): readonly Change[] {
  const { bridge } = core.config;
  const bridgeAddresses = addressesOf(core, bridge.name || ownBridgeName);
  return predefinedNetworks(view, { config: bridge, context: networkContext(core), bridgeAddresses });
}

function addressesOf({ kernel }: Pick<Core, 'kernel'>, name: string): readonly string[] | undefined {
  const { route } = kernel.host;
  const link = route.findLink(name);
  return link && route.listAddresses(link.index).map(({ address }) => address);
}
