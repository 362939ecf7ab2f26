import { expect, it, onTestFinished } from 'vitest';
import { createLogger } from '../observe/logger.ts';
import { parseMetricsAddress, serveMetrics } from './metrics-server.ts';

const logger = createLogger('fatal');
const up = { name: 'up', help: 'Is it?', type: 'gauge', samples: [{ value: 1 }] } as const;

it.each([
  ['127.0.0.1:9323', { host: '127.0.0.1', port: 9323 }],
  [':9323', { host: '', port: 9323 }],
  ['[::1]:0', { host: '::1', port: 0 }],
])('%s is an address', (text, address) => {
  expect(parseMetricsAddress(text)).toEqual(address);
});

it.each(['', '9323', 'host', '::1:9323', 'host:70000', 'host:port'])('"%s" is none', (text) => {
  expect(() => parseMetricsAddress(text)).toThrow('invalid address of the metrics');
});

it('serves /metrics and nothing else, and says what is in the way', async () => {
  const families = async () => [up];
  const end = await serveMetrics('127.0.0.1:19323', { metrics: { families }, logger });
  onTestFinished(end);
  const at = (path: string, method = 'GET') => fetch(`http://127.0.0.1:19323${path}`, { method });
  const answer = await at('/metrics');
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(await answer.text()).toBe('# HELP up Is it?\n# TYPE up gauge\nup 1\n');
  expect((await at('/')).status).toBe(404);
  expect((await at('/metrics', 'POST')).status).toBe(405);
  await expect(serveMetrics('127.0.0.1:19323', { metrics: { families }, logger })).rejects.toThrow(
    'EADDRINUSE',
  );
});
