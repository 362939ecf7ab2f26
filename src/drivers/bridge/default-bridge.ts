/** Options of the default bridge, from the engine's settings; `docker network inspect bridge` shows them. */
import type { DefaultNetwork, DefaultNetworkSettings } from '../../model/driver.ts';
import { mtuFollowing } from '../../net/mtu.ts';
import type { Facts } from '../../objects/object.ts';

/** The default name of the default bridge. */
const usualName = 'docker0';

export function defaultBridge(
  settings: DefaultNetworkSettings,
  facts: Pick<Facts, 'uplinkMtu'>,
): DefaultNetwork {
  const link = settings.name || usualName;
  return {
    link,
    options: {
      'com.docker.network.bridge.default_bridge': 'true',
      'com.docker.network.bridge.enable_icc': String(settings.icc),
      'com.docker.network.bridge.enable_ip_masquerade': String(settings.ipMasq),
      'com.docker.network.bridge.host_binding_ipv4': settings.ip || '0.0.0.0',
      'com.docker.network.bridge.name': link,
      'com.docker.network.driver.mtu': String(settings.mtu || mtuFollowing(facts.uplinkMtu, settings.ipv6)),
    },
  };
}
