/**
 * Sends traces to a collector of OpenTelemetry by HTTP, where the environment names one, as dockerd does: its variables
 * are those of the OpenTelemetry specification.
 */
import { randomBytes } from 'node:crypto';
import { messageOf } from '../errors.ts';
import type { Logger } from './logger.ts';
import { type OtlpSpan, otlpRequest, otlpSpans } from './otlp.ts';
import type { Tracer } from './trace.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface Collector {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly service: string;
}

/** Undefined where none is named, or where it is switched off. Throws for what cannot be. */
export function collectorOf(env: Environment): Collector | undefined {
  const { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: own = '', OTEL_EXPORTER_OTLP_ENDPOINT: shared = '' } = env;
  if ((own === '' && shared === '') || env.OTEL_SDK_DISABLED === 'true') return undefined;
  const protocol = env.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL || env.OTEL_EXPORTER_OTLP_PROTOCOL || 'http/json';
  if (!protocol.startsWith('http/')) throw new Error(`traces are sent by http/json, not by ${protocol}`);
  const url = own !== '' ? own : `${shared.replace(/\/+$/, '')}/v1/traces`;
  if (!/^https?:\/\//.test(url)) throw new Error(`no address of a collector: ${url}`);
  const headers = env.OTEL_EXPORTER_OTLP_TRACES_HEADERS || env.OTEL_EXPORTER_OTLP_HEADERS || '';
  return { url, headers: readHeaders(headers), service: env.OTEL_SERVICE_NAME || 'seawayd' };
}

/** `key=value,key=value`, percent-encoded. */
const readHeaders = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    text
      .split(',')
      .filter((pair) => pair.includes('='))
      .map((pair) => {
        const [key = '', ...value] = pair.split('=');
        return [key.trim(), decodeURIComponent(value.join('=').trim())];
      }),
  );

/** Milliseconds from the first span that waits until all are sent, and of one request. */
const pause = 2_000;
const patience = 10_000;
/** Spans that wait at most; more are dropped, and counted. */
const mostWaiting = 4_096;

export interface ExportOptions {
  readonly collector: Collector;
  readonly logger: Pick<Logger, 'warn'>;
  readonly version: string;
  readonly send?: typeof fetch;
}

/** Sends each trace that ends; a collector that is away costs its traces. The returned function ends it. */
export function exportTraces(tracer: Pick<Tracer, 'onTrace'>, options: ExportOptions): () => void {
  const draw = (bytes: number): string => randomBytes(bytes).toString('hex');
  let waiting: OtlpSpan[] = [];
  let dropped = 0;
  let timer: NodeJS.Timeout | undefined;
  let isAway = false;
  const flush = async (): Promise<void> => {
    const spans = waiting;
    waiting = [];
    try {
      await post(spans, options);
      isAway = false;
    } catch (error) {
      dropped += spans.length;
      // once for as long as it is away
      if (!isAway) options.logger.warn('traces cannot be sent', { error: messageOf(error), dropped });
      isAway = true;
    }
    timer = undefined;
    if (waiting.length > 0) plan();
  };
  const plan = (): void => {
    timer ??= setTimeout(() => void flush(), pause).unref();
  };
  const stop = tracer.onTrace((trace) => {
    if (waiting.length >= mostWaiting) dropped += 1;
    else waiting.push(...otlpSpans(trace, draw));
    plan();
  });
  return () => {
    stop();
    clearTimeout(timer);
  };
}

async function post(
  spans: readonly OtlpSpan[],
  { collector, version, send = fetch }: ExportOptions,
): Promise<void> {
  const { url, headers, service } = collector;
  const answer = await send(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(otlpRequest(spans, { service, version })),
    signal: AbortSignal.timeout(patience),
  });
  await answer.arrayBuffer();
  if (!answer.ok) throw new Error(`${url} answers ${answer.status}`);
}
