/**
 * Lists networks whose plugin is away as degraded, and retries what waits for a plugin when it appears. The start of the
 * engine waits for no plugin.
 */
import { messageOf } from '../errors.ts';
import type { Network } from '../model/network.ts';
import type { PluginRole } from '../model/outbox.ts';
import { findIpamDriver } from '../plugins/ipam-driver.ts';
import { AddressReplay } from './address-replay.ts';
import type { Core } from './core.ts';
import type { Preparing } from './preparing.ts';

type Watching = Preparing & Pick<Core, 'retries'>;

/** Called once the API listens, because plugins may call it before they answer. Returns a function that ends the watch. */
export function watchPlugins(core: Watching): () => void {
  const addresses = new AddressReplay(core);
  const end = core.plugins.onAppear((name) => void look(core, { name, addresses }));
  void core.outbox.workAll();
  const names = new Set(
    Array.from(core.model.all('networks')).flatMap((network) => pluginsOf(core, network)),
  );
  for (const name of names) void look(core, { name, addresses });
  return end;
}

/** The key under which a network with a plugin that is away is degraded. */
export const pluginKey = ({ id }: Pick<Network, 'id'>): string => `plugin-of:${id}`;

/** Names of the plugins that a network depends on. */
function pluginsOf({ model }: Watching, network: Network): readonly string[] {
  if (network.configOnly) return [];
  const driver = model.drivers.names.includes(network.driver) ? [] : [network.driver];
  const ipam = network.ipam.pools.some(({ lease }) => lease) ? [network.ipam.driver] : [];
  return [...new Set([...driver, ...ipam])];
}

const roleFor = (network: Network, name: string): PluginRole =>
  network.driver === name ? 'NetworkDriver' : 'IpamDriver';

interface Looking {
  /** Name of the plugin. */
  readonly name: string;
  readonly addresses: AddressReplay;
}

/** Never throws. */
async function look(core: Watching, { name, addresses }: Looking): Promise<void> {
  const networks = Array.from(core.model.all('networks')).filter((network) =>
    pluginsOf(core, network).includes(name),
  );
  for (const network of networks) {
    const subject = { key: pluginKey(network), name: `network ${network.name}` };
    try {
      await core.plugins.find(name, roleFor(network, name));
      if (network.ipam.driver === name)
        await addresses.replay(network, await findIpamDriver(core.plugins, name));
      core.retries.succeeded(subject.key);
    } catch (error) {
      if (core.model.get('networks', network.id)) core.retries.waits(subject, error);
      core.logger.debug('a plugin of a network does not answer', {
        network: network.name,
        why: messageOf(error),
      });
    }
  }
  void core.outbox.answers(name);
  // containers that could not start without it
  if (networks.length > 0 || mounts(core, name)) core.retries.hurry();
}

/** Whether a container mounts a volume of the plugin. */
const mounts = ({ model }: Watching, name: string): boolean =>
  Array.from(model.all('containers')).some((container) =>
    container.mounts.some(({ type, driver }) => type === 'volume' && driver === name),
  );
