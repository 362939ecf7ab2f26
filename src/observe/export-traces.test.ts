import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { collectorOf, exportTraces } from './export-traces.ts';
import { otlpSpans } from './otlp.ts';
import { note, span, Tracer } from './trace.ts';

describe('the collector', () => {
  const endpoint = 'http://10.0.0.9:4318/';

  it('is the one that the environment names', () => {
    expect(collectorOf({})).toBeUndefined();
    expect(collectorOf({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SDK_DISABLED: 'true' })).toBeUndefined();
    expect(collectorOf({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint })).toEqual({
      ...{ url: 'http://10.0.0.9:4318/v1/traces', headers: {}, service: 'seawayd' },
    });
    const own = {
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://c.example/x',
      OTEL_EXPORTER_OTLP_HEADERS: 'Authorization=Basic%20abc=,k=v',
      OTEL_SERVICE_NAME: 'host1',
    };
    expect(collectorOf({ ...own, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint })).toEqual({
      ...{ url: 'https://c.example/x', headers: { Authorization: 'Basic abc=', k: 'v' }, service: 'host1' },
    });
  });

  it('is refused where it cannot be', () => {
    const grpc = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
    expect(() => collectorOf(grpc)).toThrow('not by grpc');
    expect(() => collectorOf({ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' })).toThrow('no address');
  });
});

it('a trace is spans with one trace id, parents, notes as events, and errors as status', () => {
  const tracer = new Tracer();
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const subject = { kind: 'request', name: 'POST /x', fields: { status: 500, traceparent } } as const;
  expect(() =>
    tracer.run(subject, () =>
      span({ kind: 'stage', name: 'plan' }, () => {
        note('address', { why: 'asked for' });
        throw new Error('it broke');
      }),
    ),
  ).toThrow();
  let count = 0;
  const draw = (): string => String(++count);
  const [root, plan] = tracer.past().flatMap((trace) => otlpSpans(trace, draw));
  expect(root).toMatchObject({
    ...{
      traceId: '0af7651916cd43dd8448eb211c80319c',
      parentSpanId: 'b7ad6b7169203331',
      spanId: '1',
      kind: 2,
    },
    ...{ name: 'POST /x', status: { code: 2, message: 'it broke' } },
  });
  expect(root?.attributes).toContainEqual({ key: 'status', value: { intValue: '500' } });
  expect(plan).toMatchObject({
    ...{ traceId: root?.traceId, parentSpanId: '1', spanId: '2', kind: 1 },
    events: [{ name: 'address', attributes: [{ key: 'why', value: { stringValue: 'asked for' } }] }],
  });
  expect(BigInt(root?.endTimeUnixNano ?? 0) >= BigInt(plan?.endTimeUnixNano ?? 0)).toBe(true);
});

it('what ended is sent, and a collector that is away is named once', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => bodies.push(String(chunk)));
    request.on('end', () => response.writeHead(bodies.length > 1 ? 503 : 200).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const warnings: unknown[] = [];
  const tracer = new Tracer();
  const end = exportTraces(tracer, {
    collector: { url: `http://127.0.0.1:${port}/v1/traces`, headers: {}, service: 'seawayd' },
    logger: { warn: (_message, fields) => void warnings.push(fields) },
    version: '0.1.0',
  });
  onTestFinished(end);
  for (const name of ['a', 'b', 'c']) {
    tracer.run({ kind: 'request', name }, () => undefined);
    const before = bodies.length;
    vi.advanceTimersByTime(2_000);
    await vi.waitFor(() => expect(bodies.length).toBe(before + 1));
    await vi.waitFor(() => expect(warnings.length).toBe(Math.min(before, 1)));
    // its answer is read before the next is planned
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(JSON.parse(bodies[0] ?? '')).toMatchObject({
    resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'a' }] }] }],
  });
  expect(warnings.length).toBe(1);
});
