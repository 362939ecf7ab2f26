/** What a container gets where its request leaves something open. */

/** Defaults that come from the engine's configuration. */
export interface DraftDefaults {
  /** Bytes of /dev/shm. */
  readonly shmSize: number;
  readonly ipcMode: string;
  /** `host` or `private`. */
  readonly cgroupnsMode: string;
  readonly runtime: string;
  readonly logDriver: string;
  readonly logOptions: Readonly<Record<string, string>>;
}

/** Docker's, on cgroups v2. */
export const plainDefaults: DraftDefaults = {
  shmSize: 64 * 1024 * 1024,
  ipcMode: 'private',
  cgroupnsMode: 'private',
  runtime: 'runc',
  logDriver: 'json-file',
  logOptions: {},
};

/** Paths that an unprivileged container sees empty (Docker 28). */
export const maskedPaths: readonly string[] = [
  '/proc/asound',
  '/proc/acpi',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/sys/firmware',
  '/sys/devices/virtual/powercap',
];

/** Paths that an unprivileged container cannot write to (Docker 28). */
export const readonlyPaths: readonly string[] = [
  '/proc/bus',
  '/proc/fs',
  '/proc/irq',
  '/proc/sys',
  '/proc/sysrq-trigger',
];
