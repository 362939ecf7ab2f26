/** Settings that a running engine applies when it reads its configuration again (SIGHUP), as dockerd does. */
import type { DaemonConfig } from './config.ts';

/** Those that are read where they are used, each time. Everything else waits for the next start. */
const reloadable = [
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
  /** Always as it is now: read fields of it when they are needed, keep none. */
  readonly config: DaemonConfig;
  /** Take on what may change. Returns the names of settings that differ and wait for the next start. */
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
