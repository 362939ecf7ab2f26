/** Settings that a running engine applies when it reloads its configuration (SIGHUP), as dockerd does. */
import type { DaemonConfig } from './config.ts';

/** Settings that are read at each use. All others wait for the next start. */
const reloadable = [
  'cluster',
  'debug',
  'logLevel',
  'labels',
  'insecureRegistries',
  'registryMirrors',
  'maxConcurrentDownloads',
  'maxDownloadAttempts',
  'shutdownTimeout',
  'features',
  'defaultShmSize',
  'liveRestore',
] as const satisfies readonly (keyof DaemonConfig)[];

export interface LiveConfig {
  /** The current settings: read fields at each use and keep no copies. */
  readonly config: DaemonConfig;
  /** Applies the reloadable settings. Returns the names of others that differ and wait for the next start. */
  reload(next: DaemonConfig): readonly string[];
}

const differs = (a: unknown, b: unknown): boolean => JSON.stringify(a) !== JSON.stringify(b);

export function liveConfig(first: DaemonConfig): LiveConfig {
  const config = { ...first };
  const fixed = (Object.keys(first) as (keyof DaemonConfig)[]).filter(
    (name) => name !== 'ignored' && !reloadable.some((other) => other === name),
  );
  return {
    config,
    reload(next) {
      Object.assign(config, Object.fromEntries(reloadable.map((name) => [name, next[name]])));
      return fixed.filter((name) => differs(config[name], next[name]));
    },
  };
}
