/** Errors of the engine itself: its settings, its store, programs and the kernel. */
import { type Entry, q } from './entry.ts';

export const systemErrors = {
  CONFIG_INVALID: ['invalid', (why: string): string => why],
  PROGRAM_MISSING: [
    'internal',
    (program: string): string => `exec: ${q(program)}: executable file not found in $PATH`,
  ],
  PROGRAM_FAILED: ['internal', (program: string, why: string): string => `running ${program}: ${why}`],
  PROGRAM_SLOW: [
    'internal',
    (program: string, seconds: number): string => `${program} has not ended within ${seconds} s`,
  ],
  FILE_DAMAGED: ['internal', (path: string, why: string): string => `${path} is damaged: ${why}`],
  HOST_PATH_SILENT: ['internal', (path: string): string => `stat ${path}: its file system does not answer`],
  HOST_PATHS_HANG: [
    'internal',
    (path: string, mounts: string): string =>
      `stat ${path}: not tried, since too many file systems do not answer: ${mounts}`,
  ],
  STORE_TOO_NEW: [
    'unavailable',
    (version: number, known: number): string =>
      `the store was written by a newer version (its format is ${version}, this one knows ${known}): install that`,
  ],
  STORE_DAMAGED: ['unavailable', (why: string): string => why],
  DATA_ROOT_TAKEN: [
    'unavailable',
    (path: string): string =>
      `another engine uses the data root ${path}: stop it, or start this one with another --data-root`,
  ],
  STORE_CONFLICT: ['conflict', (): string => 'the records were changed by another writer meanwhile'],
  STORE_NOT_WRITTEN: ['internal', (path: string, why: string): string => `write ${path}: ${why}`],
  STORE_PANIC: [
    'unavailable',
    (path: string): string =>
      `the store ${path} cannot be written until the engine is started again: the system has refused its last page`,
  ],
  DBUS: ['internal', (doing: string, why: string): string => `D-Bus: ${doing}: ${why}`],
  DBUS_REFUSED: ['internal', (call: string, why: string): string => `D-Bus: ${call}: ${why}`],
  KERNEL: ['internal', (doing: string, why: string): string => `${doing}: ${why}`],
  VNI_TAKEN: [
    'internal',
    (link: string, vni: number): string =>
      `create vxlan link ${q(link)}: another link of the host has VXLAN identifier ${vni}, of another program or in a namespace that the kernel has not destroyed yet`,
  ],
  KERNEL_LACKS: ['unavailable', (what: string): string => `the kernel lacks ${what}`],
  BUG: ['internal', (what: string): string => `a bug in seaway: ${what}`],
} as const satisfies Record<string, Entry>;
