/** Errors of containers and of processes in them. */
import { type Entry, q } from './entry.ts';

export const containerErrors = {
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
  MOUNT_CONFLICT: ['internal', (options: string): string => `mount options conflict: ${options}`],
  COMMAND_NOT_FOUND: ['invalid', (why: string): string => why],
  LOGS_NOT_KEPT: ['notImplemented', (): string => 'configured logging driver does not support reading'],
  RUNTIME_FAILED: ['internal', (doing: string, why: string): string => `${doing}: ${why}`],
} as const satisfies Record<string, Entry>;
