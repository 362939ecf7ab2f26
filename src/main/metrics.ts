/** `--metrics-addr`: metrics on an address of their own, for as long as the API is open. */
import type { Api } from '../api/api.ts';
import { serveMetrics } from '../api/metrics-server.ts';
import type { DaemonConfig } from '../config/config.ts';
import type { RunningEngine } from '../engine/engine.ts';
import { patiently } from '../files/patiently.ts';
import type { Logger } from '../observe/logger.ts';

interface Parts {
  readonly engine: RunningEngine;
  readonly config: DaemonConfig;
  readonly logger: Logger;
}

/** Must be called before the API listens. Throws CONFIG_INVALID where the address cannot be had. */
export async function addMetrics({ app }: Api, { engine, config, logger }: Parts): Promise<void> {
  if (config.metricsAddress === '') return;
  const { metrics } = engine;
  const end = await patiently(() => serveMetrics(config.metricsAddress, { metrics, logger }));
  app.addHook('onClose', async () => end());
}
