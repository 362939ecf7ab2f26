/** Docker's bridge network that gives sandboxes without a gateway a way out, with Docker's options. */
import type { GatewayNetwork } from '../../model/driver.ts';

const name = 'docker_gwbridge';

export const gatewayNetwork: GatewayNetwork = {
  name,
  driver: 'bridge',
  options: {
    'com.docker.network.bridge.enable_icc': 'false',
    'com.docker.network.bridge.enable_ip_masquerade': 'true',
    'com.docker.network.bridge.name': name,
  },
};
