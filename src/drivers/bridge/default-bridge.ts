/** What `docker network inspect bridge` shows of the default bridge, by the engine's settings. */
import type { BridgeConfig } from '../../config/config.ts';
import type { Facts } from '../../objects/object.ts';
import type { Options } from '../options.ts';

/** Name of the default bridge where the settings name none. */
export const defaultBridgeName = 'docker0';

/** Options of the predefined network `bridge`. */
export function defaultBridgeOptions(
  config: Pick<BridgeConfig, 'name' | 'icc' | 'ipMasq' | 'mtu' | 'ip'>,
  facts: Pick<Facts, 'uplinkMtu'>,
): Options {
  return {
    'com.docker.network.bridge.default_bridge': 'true',
    'com.docker.network.bridge.enable_icc': String(config.icc),
    'com.docker.network.bridge.enable_ip_masquerade': String(config.ipMasq),
    'com.docker.network.bridge.host_binding_ipv4': config.ip || '0.0.0.0',
    'com.docker.network.bridge.name': config.name || defaultBridgeName,
    'com.docker.network.driver.mtu': String(config.mtu || facts.uplinkMtu),
  };
}
