/** Metrics and traces for other programs: `--metrics-addr`, and a collector of OpenTelemetry. */
import type { Api } from '../api/api.ts';
import { serveMetrics } from '../api/metrics-server.ts';
import type { DaemonConfig } from '../config/config.ts';
import type { RunningEngine } from '../engine/engine.ts';
import { fail, messageOf } from '../errors.ts';
import { patiently } from '../files/patiently.ts';
import { collectorOf, exportTraces } from '../observe/export-traces.ts';
import type { Logger } from '../observe/logger.ts';
import { version } from '../version.ts';

interface Parts {
  readonly engine: RunningEngine;
  readonly config: DaemonConfig;
  readonly logger: Logger;
}

/** For as long as the API is open. Must be called before it listens. Throws CONFIG_INVALID. */
export async function tellOthers(api: Api, parts: Parts): Promise<void> {
  sendTraces(api, parts);
  await addMetrics(api, parts);
}

async function addMetrics({ app }: Api, { engine, config, logger }: Parts): Promise<void> {
  if (config.metricsAddress === '') return;
  const { metrics } = engine;
  const end = await patiently(() => serveMetrics(config.metricsAddress, { metrics, logger }));
  app.addHook('onClose', async () => end());
}

function sendTraces({ app }: Api, { engine, logger }: Parts): void {
  try {
    const collector = collectorOf(process.env);
    if (!collector) return;
    const end = exportTraces(engine.tracer, { collector, logger, version });
    app.addHook('onClose', async () => end());
  } catch (error) {
    throw fail('CONFIG_INVALID', `OTEL_EXPORTER_OTLP_*: ${messageOf(error)}`);
  }
}
