/** The networks of the scenarios. */
import { network, pool } from './world.ts';

export const four = network('web', { pools: [pool('172.18.0.0/16', '172.18.0.1')] });
export const dual = network('dual', {
  enableIPv6: true,
  pools: [pool('172.19.0.0/16', '172.19.0.1'), pool('fd00:19::/64', 'fd00:19::1')],
});
export const inner = network('inner', { internal: true, pools: [pool('172.20.0.0/16', '172.20.0.1')] });
export const apart = network('apart', {
  options: {
    'com.docker.network.bridge.name': 'br-apart',
    'com.docker.network.bridge.enable_icc': 'false',
    'com.docker.network.driver.mtu': '1400',
    'com.docker.network.container_iface_prefix': 'lan',
  },
  pools: [pool('172.21.0.0/16', '172.21.0.1')],
});
export const bare = network('bare', {
  options: { 'com.docker.network.bridge.inhibit_ipv4': 'true' },
  pools: [pool('172.22.0.0/16', '172.22.0.1', { auxAddresses: { DefaultGatewayIPv4: '172.22.0.254' } })],
});
export const isolated = network('isolated', {
  internal: true,
  options: { 'com.docker.network.bridge.gateway_mode_ipv4': 'isolated' },
  pools: [pool('172.23.0.0/16')],
});
export const many = network('many', {
  enableIPv6: true,
  pools: [
    pool('10.1.0.0/24', '10.1.0.1'),
    pool('10.2.0.0/24', '10.2.0.1'),
    pool('fd00:a::/64', 'fd00:a::1'),
    pool('fd00:b::/64', 'fd00:b::1'),
  ],
});
export const macvlan = network('pub', {
  driver: 'macvlan',
  options: { parent: 'up0' },
  pools: [pool('198.51.100.0/24', '198.51.100.1')],
});
export const near = network('near', {
  driver: 'macvlan',
  options: { parent: 'up0', 'seaway.host_access': 'true' },
  pools: [pool('198.51.100.0/24', '198.51.100.1', { auxAddresses: { host: '198.51.100.2' } })],
});
export const vlan = network('vlan50', {
  driver: 'macvlan',
  options: { parent: 'up0.50', macvlan_mode: 'vepa' },
  pools: [pool('10.50.0.0/24', '10.50.0.1')],
});
export const alone = network('alone', { driver: 'macvlan', internal: true, pools: [pool('10.51.0.0/24')] });
export const l2 = network('l2', {
  driver: 'ipvlan',
  options: { parent: 'up0', ipvlan_flag: 'private' },
  pools: [pool('10.60.0.0/24', '10.60.0.1')],
});
export const l3 = network('l3', {
  driver: 'ipvlan',
  enableIPv6: true,
  options: { parent: 'up0', ipvlan_mode: 'l3' },
  pools: [pool('10.61.0.0/24'), pool('fd00:61::/64')],
});
export const none = network('none', { driver: 'null', predefined: true });
export const host = network('host', { driver: 'host', predefined: true });
