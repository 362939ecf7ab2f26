/** `GET /metrics` on an address of its own, for Prometheus: `--metrics-addr`. */
import { createServer } from 'node:http';
import type { Engine } from '../engine/verbs.ts';
import { fail } from '../errors.ts';
import type { Logger } from '../observe/logger.ts';
import { exposition } from '../observe/metrics.ts';

/** `HOST:PORT`, `:PORT` or `[IPV6]:PORT`. Throws CONFIG_INVALID. */
export function parseMetricsAddress(text: string): { readonly host: string; readonly port: number } {
  const [, six, name, port = ''] = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(text) ?? [];
  if (port === '' || Number(port) > 65_535)
    throw fail('CONFIG_INVALID', `invalid address of the metrics (${text}): HOST:PORT`);
  return { host: six ?? name ?? '', port: Number(port) };
}

const contentType = 'text/plain; version=0.0.4; charset=utf-8';

interface Served {
  readonly metrics: Engine['metrics'];
  readonly logger: Pick<Logger, 'error'>;
}

/** Listens; the returned function ends it. Throws CONFIG_INVALID where the address cannot be had. */
export async function serveMetrics(address: string, { metrics, logger }: Served): Promise<() => void> {
  const server = createServer((request, response) => {
    const [path] = (request.url ?? '').split('?');
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (path !== '/metrics' || !isRead) {
      response.writeHead(path === '/metrics' ? 405 : 404, { 'content-type': 'text/plain; charset=utf-8' });
      response.end(path === '/metrics' ? 'method not allowed\n' : '404 page not found\n');
      return;
    }
    metrics.families().then(
      (families) => response.writeHead(200, { 'content-type': contentType }).end(exposition(families)),
      (error: unknown) => {
        logger.error('the metrics cannot be read', { error });
        response.writeHead(500).end('the metrics cannot be read\n');
      },
    );
  });
  const { host, port } = parseMetricsAddress(address);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(fail('CONFIG_INVALID', `cannot serve metrics: ${error.message}`)));
    server.listen({ port, ...(host !== '' && { host }) }, resolve);
  });
  server.on('error', (error) => logger.error('the server of metrics', { error }));
  return () => {
    server.close();
    server.closeAllConnections();
  };
}
