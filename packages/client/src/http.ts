/** One HTTP exchange with the engine. */
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { RequestOptions } from 'node:https';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type { Address } from './address.ts';
import { ConnectionError } from './errors.ts';

// `import` of node:http would read all that it exports, and so load undici for its WebSocket: 45 ms of every
// command. This gives the module without touching them.
const http = process.getBuiltinModule('node:http');

/** Certificates for tcp://; contents of PEM files. */
export interface TlsMaterial {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly verify: boolean;
}

export interface Transport {
  readonly address: Address;
  readonly tls?: TlsMaterial;
}

export interface Exchange {
  readonly method: string;
  /** With version prefix and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Readable;
  readonly signal?: AbortSignal;
}

function requestOptions({ address, tls }: Transport, exchange: Exchange): RequestOptions {
  const common = {
    method: exchange.method,
    headers: {
      Host: address.kind === 'tcp' ? `${address.host}:${address.port}` : 'seaway',
      ...exchange.headers,
    },
    // One command makes few requests; nothing may keep the process alive when they are done.
    agent: false as const,
  };
  if (address.kind === 'unix') return { ...common, socketPath: address.path, path: exchange.path };
  const secure =
    tls === undefined ? {} : { ca: tls.ca, cert: tls.cert, key: tls.key, rejectUnauthorized: tls.verify };
  return { ...common, ...secure, host: address.host, port: address.port, path: address.base + exchange.path };
}

function start(transport: Transport, exchange: Exchange): ClientRequest {
  const options = requestOptions(transport, exchange);
  const request =
    transport.tls === undefined
      ? http.request(options)
      : process.getBuiltinModule('node:https').request(options);
  request.setNoDelay(true);
  return request;
}

function unreachable({ address, tls }: Transport, exchange: Exchange, cause: NodeJS.ErrnoException): Error {
  if (exchange.signal?.aborted) return cause;
  if (cause.code === 'EACCES') {
    return new ConnectionError(
      `permission denied while trying to connect to the Docker daemon socket at ${address.shown}: ${cause.message}`,
      { cause },
    );
  }
  if (cause.code === 'ECONNREFUSED' || cause.code === 'ENOENT' || cause.code === 'ENOTSOCK') {
    return new ConnectionError(
      `Cannot connect to the Docker daemon at ${address.shown}. Is the docker daemon running?`,
      { cause },
    );
  }
  const url = `${tls ? 'https' : 'http'}://${address.kind === 'tcp' ? `${address.host}:${address.port}` : encodeURIComponent(address.path)}${exchange.path}`;
  const method = exchange.method.slice(0, 1) + exchange.method.slice(1).toLowerCase();
  return new ConnectionError(`error during connect: ${method} "${url}": ${cause.message}`, { cause });
}

/** Ends the request, or its answer once that is there, with the signal's reason. */
function endBy(signal: AbortSignal, request: ClientRequest): void {
  let answer: IncomingMessage | undefined;
  const end = (): void => void (answer ?? request).destroy(signal.reason);
  if (signal.aborted) {
    end();
    return;
  }
  request.once('response', (begun) => {
    answer = begun;
  });
  signal.addEventListener('abort', end, { once: true });
  request.once('close', () => signal.removeEventListener('abort', end));
}

/** Send, and resolve with the answer's head; its body is a stream. Throws `ConnectionError`. */
export function exchange(transport: Transport, asked: Exchange): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = start(transport, asked);
    request.once('response', resolve);
    request.once('error', (cause) => reject(unreachable(transport, asked, cause)));
    if (asked.signal) endBy(asked.signal, request);
    if (typeof asked.body !== 'object') {
      request.end(asked.body);
      return;
    }
    const fail = (cause: Error): void => {
      reject(cause);
      // the engine would wait for the rest of the body
      request.destroy();
    };
    asked.body.once('error', fail).pipe(request);
  });
}

/** A hijacked connection: the raw socket, and bytes that came with the answer's head. */
export interface Hijacked {
  readonly socket: Socket;
  readonly head: Buffer;
  readonly contentType: string;
}

/**
 * Ask for the raw connection (`Upgrade: tcp`, Docker Engine API "Hijacking"). Resolves with the socket, or with
 * the answer if the engine refuses. Throws `ConnectionError`.
 */
export function hijack(transport: Transport, asked: Exchange): Promise<Hijacked | IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { ...asked.headers, Connection: 'Upgrade', Upgrade: 'tcp' };
    const request = start(transport, { ...asked, headers });
    request.once('response', resolve);
    request.once('upgrade', (response, socket, head) =>
      resolve({ socket: socket as Socket, head, contentType: response.headers['content-type'] ?? '' }),
    );
    request.once('error', (cause) => reject(unreachable(transport, asked, cause)));
    request.end(asked.body);
  });
}
