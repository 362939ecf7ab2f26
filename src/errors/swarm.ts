/** Errors of swarm mode. Those with `rpc error` are answers of a manager, whose code Docker shows to users. */
import type { Entry } from './entry.ts';

const rpc = (code: string, why: string): string => `rpc error: code = ${code} desc = ${why}`;

export const swarmErrors = {
  // this node and its swarm
  NOT_SWARM_MANAGER: [
    'unavailable',
    (): string =>
      'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.',
  ],
  NOT_IN_SWARM: ['unavailable', (): string => 'This node is not part of a swarm'],
  SWARM_WORKER: [
    'unavailable',
    (): string =>
      "This node is not a swarm manager. Worker nodes can't be used to view or modify cluster state. Please run this command on a manager node or promote the current node to a manager.",
  ],
  SWARM_PREPARING: [
    'unavailable',
    (): string =>
      'This node is not a swarm manager. Manager is being prepared or has trouble connecting to the cluster.',
  ],
  SWARM_ALREADY: [
    'unavailable',
    (): string =>
      'This node is already part of a swarm. Use "docker swarm leave" to leave this swarm and join another one.',
  ],
  SWARM_JOIN_TIMEOUT: [
    'unavailable',
    (): string =>
      'Timeout was reached before node joined. The attempt to join the swarm will continue in the background. Use the "docker info" command to see the current swarm status of your node.',
  ],
  SWARM_LOCKED: [
    'unavailable',
    (): string =>
      'Swarm is encrypted and needs to be unlocked before it can be used. Please use "docker swarm unlock" to unlock it.',
  ],
  SWARM_TOKEN: ['invalid', (): string => 'invalid join token'],
  SWARM_KEY_TEXT: ['invalid', (): string => 'invalid key string'],
  SWARM_KEY_INVALID: ['unauthorized', (): string => 'swarm could not be unlocked: invalid key provided'],
  SWARM_NOT_LOCKED: ['conflict', (): string => 'swarm is not locked'],
  SWARM_EXPIRED: [
    'unavailable',
    (): string => 'Swarm certificates have expired. To replace them, leave the swarm and join again.',
  ],
  SWARM_STORE: ['internal', (why: string): string => `the state of the swarm is not served by etcd: ${why}`],
  SWARM_SEALED: [
    'internal',
    (place: string): string =>
      `the sealed value of ${place} cannot be opened: it was changed, or is of another swarm`,
  ],
  SWARM_LISTEN: [
    'internal',
    (where: string, why: string): string =>
      `failed to listen on remote API address: listen tcp ${where}: bind: ${why}`,
  ],
  SWARM_PORT: [
    'internal',
    (where: string, owner: string, what: string): string =>
      `listen ${where}: bind: address already in use: ${owner} has the port ${what}`,
  ],
  SWARM_LEAVE_MANAGER: ['unavailable', (why: string): string => why],
  /** An address or port of a request. */
  SWARM_ADDRESS: ['invalid', (why: string): string => why],
  SWARM_JOIN: ['internal', (why: string): string => why],

  /** What Docker takes for a failure of its own, though the request was wrong. */
  SWARM_FAILED: ['internal', (why: string): string => why],

  // answers of managers
  SWARM_INVALID: ['invalid', (why: string): string => rpc('InvalidArgument', why)],
  SWARM_PRECONDITION: ['invalid', (why: string): string => rpc('FailedPrecondition', why)],
  SWARM_DENIED: ['forbidden', (why: string): string => rpc('PermissionDenied', why)],
  SWARM_UNAUTHENTICATED: ['unauthorized', (why: string): string => rpc('Unauthenticated', why)],
  SWARM_EXISTS: ['conflict', (why: string): string => rpc('AlreadyExists', why)],
  SWARM_UNIMPLEMENTED: ['notImplemented', (why: string): string => rpc('Unimplemented', why)],
  SWARM_UNAVAILABLE: ['unavailable', (why: string): string => rpc('Unavailable', why)],
  SWARM_UNKNOWN: ['internal', (why: string): string => rpc('Unknown', why)],
  SWARM_OUT_OF_SEQUENCE: ['internal', (): string => rpc('Unknown', 'update out of sequence')],
  SWARM_NO_LEADER: [
    'internal',
    (): string =>
      rpc(
        'Unknown',
        "The swarm does not have a leader. It's possible that too few managers are online. Make sure more than half of the managers are online.",
      ),
  ],
  SWARM_FULL: [
    'unavailable',
    (): string =>
      rpc(
        'ResourceExhausted',
        'the store of the swarm has reached its limit and takes no changes until the managers have cleaned it',
      ),
  ],
  SWARM_DEADLINE: ['internal', (): string => rpc('DeadlineExceeded', 'context deadline exceeded')],
  /** `kind`: node, service, task, secret, config. */
  SWARM_NOT_FOUND: [
    'notFound',
    (kind: string, ref: string): string => rpc('NotFound', `${kind} ${ref} not found`),
  ],
  /** A service asks for a network of one host. */
  SWARM_NETWORK_LOCAL: [
    'forbidden',
    (name: string): string =>
      `The network ${name} cannot be used with services. Only networks scoped to the swarm can be used, such as those created with the overlay driver.`,
  ],
  /** As the engine itself says, without asking a manager. */
  SWARM_OBJECT_NOT_FOUND: ['notFound', (kind: string, ref: string): string => `${kind} ${ref} not found`],
  SWARM_OBJECT_AMBIGUOUS: [
    'invalid',
    (kind: string, ref: string, count: number): string =>
      `${kind} ${ref} is ambiguous (${count} matches found)`,
  ],
} as const satisfies Record<string, Entry>;
