/** Errors of networks, addresses and ports. */
import { type Entry, q } from './entry.ts';

export const networkErrors = {
  // networks
  NETWORK_NOT_FOUND: ['notFound', (name: string): string => `network ${name} not found`],
  NETWORK_AMBIGUOUS: [
    'invalid',
    (name: string, count: number): string =>
      `network ${name} is ambiguous (${count} matches found on ID prefix)`,
  ],
  NETWORK_NAME_AMBIGUOUS: [
    'invalid',
    (name: string, count: number): string => `network ${name} is ambiguous (${count} matches found on name)`,
  ],
  NETWORK_EXISTS: ['conflict', (name: string): string => `network with name ${name} already exists`],
  NETWORK_NAME_INVALID: ['invalid', (why: string): string => why],
  NETWORK_PREDEFINED: [
    'forbidden',
    (name: string): string => `${name} is a pre-defined network and cannot be removed`,
  ],
  NETWORK_NAME_PREDEFINED: [
    'forbidden',
    (name: string): string => `operation is not permitted on predefined ${name} network`,
  ],
  NETWORK_SINGLE_INSTANCE: [
    'forbidden',
    (driver: string): string => `only one instance of "${driver}" network is allowed`,
  ],
  NETWORK_IN_USE: [
    'forbidden',
    (name: string, id: string, endpoints: string): string =>
      `error while removing network: network ${name} has active endpoints (${endpoints || id})`,
  ],
  NETWORK_CONFIG_IN_USE: [
    'forbidden',
    (name: string): string => `error while removing network: configuration network "${name}" is in use`,
  ],
  NETWORK_CONFIG_NOT_FOUND: [
    'notFound',
    (name: string): string => `configuration network "${name}" does not exist`,
  ],
  NETWORK_SCOPE_GLOBAL: [
    'forbidden',
    (driver: string): string =>
      `networks of the driver ${q(driver)} have global scope: they need a cluster, and this engine is in none`,
  ],
  NETWORK_OPTION_INVALID: ['invalid', (why: string): string => why],
  OPTIONS_UNREADABLE: [
    'conflict',
    (what: string, why: string): string =>
      `options of ${what} cannot be read, though another version accepted them: ${why}: create it again`,
  ],
  NETWORK_CONFLICT: ['forbidden', (why: string): string => why],
  NETWORK_FULL: [
    'forbidden',
    (name: string, most: number): string => `network ${name} has ${most} endpoints, the most it can have`,
  ],
  DRIVER_NOT_FOUND: [
    'notFound',
    (driver: string): string =>
      `could not find plugin ${driver} in v1 plugin registry: plugin "${driver}" not found`,
  ],
  ENDPOINT_EXISTS: [
    'forbidden',
    (container: string, network: string): string =>
      `endpoint with name ${container} already exists in network ${network}`,
  ],
  NOT_CONNECTED: [
    'forbidden',
    (container: string, network: string): string =>
      `container ${container} is not connected to network ${network}`,
  ],
  NETWORK_MODE_CONFLICT: ['forbidden', (why: string): string => why],
  ENDPOINT_ASK_INVALID: ['invalid', (why: string): string => `invalid endpoint settings:\n${why}`],
  NETWORK_CONFIG_INVALID: [
    'invalid',
    (network: string, why: string): string => `invalid config for network ${network}: ${why}`,
  ],
  NAMESPACE_INVALID: [
    'invalid',
    (path: string, why: string): string => `network namespace ${q(path)} cannot be connected: ${why}`,
  ],
  NAMESPACE_NOT_CONNECTED: [
    'notFound',
    (namespace: string, network: string): string =>
      `network namespace ${q(namespace)} is not connected to network ${network}`,
  ],

  // addresses and ports
  POOL_INVALID: ['invalid', (why: string): string => why],
  POOL_OVERLAPS: [
    'forbidden',
    (): string => 'invalid pool request: Pool overlaps with other one on this address space',
  ],
  POOLS_EXHAUSTED: ['notFound', (): string => 'all predefined address pools have been fully subnetted'],
  POOL_ADDRESS_TAKEN: [
    'forbidden',
    (what: string, address: string): string =>
      `failed to allocate ${what} (${address}): Address already in use`,
  ],
  ADDRESS_INVALID: ['invalid', (why: string): string => why],
  ADDRESS_IN_USE: ['forbidden', (_address: string): string => 'Address already in use'],
  ADDRESS_OUTSIDE: [
    'invalid',
    (address: string): string =>
      `invalid endpoint settings:\nno configured subnet or ip-range contain the IP address ${address}`,
  ],
  ADDRESSES_EXHAUSTED: [
    'forbidden',
    (version: number, network: string): string =>
      `no available IPv${version} addresses on this network's address pools: ${network}`,
  ],
  PORT_ALLOCATED: [
    'internal',
    (address: string, port: number): string =>
      `Bind for ${address}:${port} failed: port is already allocated`,
  ],
  PORT_IN_USE: [
    'internal',
    (where: string, why = 'address already in use'): string =>
      `failed to bind host port for ${where}: ${why}`,
  ],
  PORT_NOT_PUBLISHED: [
    'notFound',
    (port: string, container: string): string => `No public port '${port}' published for ${container}`,
  ],
  PORTS_NOT_LIVE: [
    'conflict',
    (container: string, why: string): string => `ports of container ${container} cannot be published: ${why}`,
  ],
  PORT_POLICY: [
    'invalid',
    (port: string, why: string): string => `port ${port} cannot obey the host's firewall: ${why}`,
  ],
  PORT_NEEDS_IPV6: [
    'invalid',
    (binding: string): string =>
      `cannot publish ${binding}: none of the container's networks leads out by IPv6; create one with --ipv6`,
  ],
  PORT_ON_LOOPBACK6: [
    'invalid',
    (binding: string): string =>
      `cannot publish ${binding}: [::1] does not lead to containers; publish on another address of the host`,
  ],
  PORTS_EXHAUSTED: ['internal', (): string => 'all dynamic ports are allocated'],
} as const satisfies Record<string, Entry>;
