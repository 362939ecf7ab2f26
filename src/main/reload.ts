/** SIGHUP: reads the settings again and applies those that a running engine can change. */
import type { DaemonConfig } from '../config/config.ts';
import type { LiveConfig } from '../config/live.ts';
import type { RunningEngine } from '../engine/engine.ts';
import { refuseUnsupported } from '../engine/unsupported.ts';
import { fail, messageOf } from '../errors.ts';
import type { Logger } from '../observe/logger.ts';

export interface Reloading {
  readonly live: LiveConfig;
  readonly engine: Pick<RunningEngine, 'events' | 'system' | 'inCluster' | 'enterCluster'>;
  readonly logger: Logger;
  /** The current settings of command line and file. Throws as the start of an engine. */
  readonly read: () => DaemonConfig;
}

/** As Docker's `reload` event shows them. */
function attributesOf(config: DaemonConfig, name: string): Readonly<Record<string, string>> {
  return {
    name,
    debug: String(config.debug),
    features: JSON.stringify(config.features),
    'insecure-registries': JSON.stringify(config.insecureRegistries),
    labels: JSON.stringify(config.labels),
    'live-restore': String(config.liveRestore),
    'max-concurrent-downloads': String(config.maxConcurrentDownloads),
    'max-download-attempts': String(config.maxDownloadAttempts),
    'registry-mirrors': JSON.stringify(config.registryMirrors),
    'shutdown-timeout': String(config.shutdownTimeout),
  };
}

/** A cluster can be entered late, and not be changed, as with Docker. Throws CONFIG_INVALID. */
export function refuseOtherCluster(
  isIn: boolean,
  { before, next }: Readonly<Record<'before' | 'next', Pick<DaemonConfig, 'cluster'>>>,
): void {
  if (isIn && JSON.stringify(before.cluster) !== JSON.stringify(next.cluster))
    throw fail(
      'CONFIG_INVALID',
      'cannot accept new configuration because it modifies an existing datastore client',
    );
}

/** Invalid settings change nothing and are logged. */
export async function reload({ live, engine, logger, read }: Reloading): Promise<void> {
  logger.info('reading the settings again', { file: live.config.configFile });
  let waiting: readonly string[];
  try {
    const next = read();
    refuseUnsupported(next);
    refuseOtherCluster(engine.inCluster(), { before: live.config, next });
    waiting = live.reload(next);
  } catch (error) {
    logger.error('the settings stay as they are', { why: messageOf(error) });
    return;
  }
  await engine.enterCluster().catch((error) => logger.error('the cluster is not entered', { error }));
  if (waiting.length > 0)
    logger.warn('settings that take effect at the next start', { settings: waiting.join(' ') });
  const { id, name } = await engine.system.info();
  const attributes = attributesOf(live.config, name);
  engine.events.emit({ type: 'daemon', action: 'reload', id, attributes });
}
