/**
 * Every error that the engine can give, in one table: code, kind and message.
 * A kind has one HTTP status (Docker Engine API). Messages are Docker's wherever a Docker user would
 * meet them. Raise one with `fail('NETWORK_NOT_FOUND', 'backend')`.
 */

import { type Entry, type ErrorKind, q, statusOfKind } from './errors/entry.ts';
import { requestErrors } from './errors/requests.ts';
import { systemErrors } from './errors/system.ts';

export { type ErrorKind, statusOfKind } from './errors/entry.ts';

/** The table. Keep it sorted by subject; an entry is (kind, message). */
export const errorTable = {
  ...requestErrors,

  // plugins
  PLUGIN_NOT_FOUND: ['notFound', (name: string): string => `plugin "${name}" not found`],
  PLUGIN_FILE_INVALID: ['internal', (path: string, why: string): string => `plugin file ${path}: ${why}`],
  PLUGIN_LACKS_DRIVER: [
    'internal',
    (name: string, wanted: string): string =>
      `Plugin does not implement the requested driver: plugin=${q(name)}, requested implementation=${q(wanted)}`,
  ],
  // no connection: nothing was asked
  PLUGIN_AWAY: ['internal', (doing: string, why: string): string => `${doing}: ${why}`],
  // it answered with an error, in its own words; without the method where it said so with status 200
  PLUGIN_REFUSED: [
    'internal',
    (method: string, why: string): string => (method === '' ? why : `${method}: ${why}`),
  ],
  // an answer 404: the plugin has no such method
  PLUGIN_LACKS_METHOD: ['internal', (method: string, why: string): string => `${method}: ${why}`],
  // asked, but without an answer that means anything: it may have done it or not
  PLUGIN_BROKEN: ['internal', (doing: string, why: string): string => `${doing}: ${why}`],
  PLUGIN_SLOW: ['internal', (doing: string): string => `${doing}: context deadline exceeded`],

  // managed plugins
  PLUGIN_AMBIGUOUS: ['invalid', (name: string): string => `multiple plugins found for "${name}"`],
  PLUGIN_DISABLED: ['conflict', (name: string): string => `plugin ${name} found but disabled`],
  PLUGIN_ALREADY_DISABLED: [
    'conflict',
    (name: string): string => `plugin is already disabled: plugin ${name} found but disabled`,
  ],
  PLUGIN_ALREADY_ENABLED: [
    'conflict',
    (name: string): string => `plugin already enabled: plugin ${name} is enabled`,
  ],
  PLUGIN_ENABLED: ['conflict', (name: string): string => `plugin ${name} is enabled`],
  PLUGIN_UPGRADE_ENABLED: [
    'conflict',
    (name: string): string => `plugin must be disabled before upgrading: plugin ${name} is enabled`,
  ],
  PLUGIN_IN_USE: ['conflict', (name: string): string => `plugin ${name} is in use`],
  PLUGIN_EXISTS: ['conflict', (name: string): string => `plugin ${name} already exists`],
  PLUGIN_ACTIVE: ['internal', (): string => 'cannot set on an active plugin, disable plugin before setting'],
  PLUGIN_SETTING_INVALID: ['internal', (why: string): string => why],
  PLUGIN_PRIVILEGES: ['internal', (): string => 'incorrect privileges'],
  PLUGIN_INVALID: ['internal', (why: string): string => why],
  PLUGIN_START_FAILED: ['internal', (why: string): string => why],

  // networks
  NETWORK_NOT_FOUND: ['notFound', (name: string): string => `network ${name} not found`],
  NETWORK_AMBIGUOUS: [
    'invalid',
    (name: string, count: number): string =>
      `network ${name} is ambiguous (${count} matches found on ID prefix)`,
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
  PORT_NEEDS_IPV6: [
    'invalid',
    (binding: string): string =>
      `cannot publish ${binding}: none of the container's networks leads out by IPv6; create one with --ipv6`,
  ],
  PORTS_EXHAUSTED: ['internal', (): string => 'all dynamic ports are allocated'],

  // containers
  CONTAINER_NOT_FOUND: ['notFound', (name: string): string => `No such container: ${name}`],
  CONTAINER_AMBIGUOUS: [
    'invalid',
    (name: string): string => `multiple IDs found with provided prefix: ${name}`,
  ],
  CONTAINER_NAME_INVALID: [
    'invalid',
    (name: string): string => `Invalid container name (${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`,
  ],
  CONTAINER_NAME_TAKEN: [
    'conflict',
    (name: string, id: string): string =>
      `Conflict. The container name ${q(`/${name}`)} is already in use by container ${q(id)}. You have to remove (or rename) that container to be able to reuse that name.`,
  ],
  CONTAINER_NOT_RUNNING: ['conflict', (name: string): string => `container ${name} is not running`],
  CONTAINER_RUNNING_REMOVE: [
    'conflict',
    (ref: string, state: string): string =>
      `cannot remove container ${q(ref)}: container is ${state}${state === 'paused' ? ' and must be unpaused first' : ': stop the container before removing or force remove'}`,
  ],
  CONTAINER_CONFIG_INVALID: ['invalid', (why: string): string => why],
  CONTAINER_ALREADY: ['notModified', (): string => 'the container is in that state already'],
  LINK_OF_ITSELF: [
    'internal',
    (): string => 'Conflict, cannot remove the default link name of the container',
  ],
  CONTAINER_STATE: ['conflict', (why: string): string => why],
  PATH_NOT_FOUND: [
    'notFound',
    (path: string, container: string): string => `Could not find the file ${path} in container ${container}`,
  ],
  PATH_READ_ONLY: ['forbidden', (why: string): string => why],
  EXEC_NOT_FOUND: ['notFound', (id: string): string => `No such exec instance: ${id}`],
  EXEC_STATE: ['conflict', (why: string): string => why],
  START_FAILED: ['internal', (why: string): string => why],
  COMMAND_NOT_FOUND: ['invalid', (why: string): string => why],
  LOGS_NOT_KEPT: ['notImplemented', (): string => 'configured logging driver does not support reading'],
  RUNTIME_FAILED: ['internal', (doing: string, why: string): string => `${doing}: ${why}`],

  // images and volumes
  IMAGE_NOT_FOUND: ['notFound', (ref: string): string => `No such image: ${ref}`],
  IMAGE_OTHER_PLATFORM: [
    'notFound',
    (ref: string, wanted: string, actual: string): string =>
      `image with reference ${ref} was found but its platform (${actual}) does not match the specified platform (${wanted})`,
  ],
  IMAGE_IN_USE: ['conflict', (why: string): string => why],
  IMAGE_INVALID: ['invalid', (why: string): string => why],
  REGISTRY_NOT_FOUND: ['notFound', (why: string): string => why],
  REGISTRY_DENIED: ['unauthorized', (why: string): string => why],
  REGISTRY_FAILED: ['internal', (why: string): string => why],
  VOLUME_NOT_FOUND: ['notFound', (name: string): string => `get ${name}: no such volume`],
  VOLUME_IN_USE: [
    'conflict',
    (name: string, ids: string): string => `remove ${name}: volume is in use - [${ids}]`,
  ],
  VOLUME_NAME_TAKEN: [
    'conflict',
    (name: string, why: string): string => `create ${name}: ${why}: volume name must be unique`,
  ],
  VOLUME_INVALID: ['invalid', (why: string): string => why],
  VOLUME_DRIVER_NOT_FOUND: [
    'notFound',
    (name: string, driver: string): string =>
      `create ${name}: error looking up volume plugin ${driver}: plugin "${driver}" not found`,
  ],

  ...systemErrors,
} as const satisfies Record<string, Entry>;

export type ErrorCode = keyof typeof errorTable;

type Args<C extends ErrorCode> = Parameters<(typeof errorTable)[C][1]>;

/** An error of the table; `cause` keeps what lay under it. */
export class SeawayError extends Error {
  readonly code: ErrorCode;
  readonly kind: ErrorKind;

  constructor(code: ErrorCode, kind: ErrorKind, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'SeawayError';
    this.code = code;
    this.kind = kind;
  }

  /** The HTTP status of the API's answer. */
  get status(): number {
    return statusOfKind[this.kind];
  }
}

/** Make (not throw) the error with that code, its message filled in from the table. */
export function fail<C extends ErrorCode>(code: C, ...args: Args<C>): SeawayError {
  const [kind, message] = errorTable[code] as unknown as readonly [ErrorKind, (...a: Args<C>) => string];
  return new SeawayError(code, kind, message(...args));
}

/** The same error, with what was being done before its message. What is none of ours passes as it is. */
export function during(doing: string, thrown: unknown): unknown {
  if (!(thrown instanceof SeawayError)) return thrown;
  const { code, kind, message } = thrown;
  return new SeawayError(code, kind, `${doing}: ${message}`, { cause: thrown });
}

/** Whether what was thrown is an error of one of these codes. */
export function hasCode(thrown: unknown, ...codes: readonly ErrorCode[]): boolean {
  return thrown instanceof SeawayError && codes.includes(thrown.code);
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
