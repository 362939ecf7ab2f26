/** Defaults for fields that a create request leaves out. */

/** Defaults that come from the engine's configuration. */
export interface RequestDefaults {
  /** Bytes of /dev/shm. */
  readonly shmSize: number;
  readonly ipcMode: string;
  /** `host` or `private`. */
  readonly cgroupnsMode: string;
  readonly cgroupVersion: 1 | 2;
  readonly runtime: string;
  readonly logDriver: string;
  readonly logOptions: Readonly<Record<string, string>>;
}

/** Docker's, on cgroups v2. */
export const plainDefaults: RequestDefaults = {
  shmSize: 64 * 1024 * 1024,
  ipcMode: 'private',
  cgroupnsMode: 'private',
  cgroupVersion: 2,
  runtime: 'runc',
  logDriver: 'json-file',
  logOptions: {},
};
