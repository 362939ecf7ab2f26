/** Errors of images and volumes. */
import type { Entry } from './entry.ts';

export const imageErrors = {
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
} as const satisfies Record<string, Entry>;
