/** HTTP requests to one server. The error tells whether the request was sent. */
import { Agent, type IncomingMessage, request as plain } from 'node:http';
import { Agent as SecureAgent, request as secured } from 'node:https';
import type { Socket } from 'node:net';
import { NotReached } from './servers.ts';
import type { Address } from './source.ts';
import type { TlsMaterial } from './tls.ts';

export type HttpRequest = {
  readonly method: 'GET' | 'PUT';
  readonly path: string;
  readonly body?: string;
  readonly signal: AbortSignal;
};

export type HttpResponse = {
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  readonly body: Buffer;
  /** When the headers arrived, by `performance.now()`. */
  readonly began: number;
};

export type HttpServer = {
  /** Throws NotReached if nothing was sent, and any other error if the response is missing. */
  ask(request: HttpRequest): Promise<HttpResponse>;
  close(): void;
};

/** Time limits in milliseconds for the TCP and the TLS handshake; the largest response in bytes. */
const [dialling, greeting, largest] = [1_500, 5_000, 64 * 1024 * 1024];
/** A server allows 200 connections per client address (http_max_conns_per_client). */
const mostConnections = 128;

async function read(message: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of message) {
    parts.push(part);
    size += part.length;
    if (size > largest) throw new Error(`the answer has more than ${largest} bytes`);
  }
  return Buffer.concat(parts);
}

type Connecting = { readonly event: 'connect' | 'secureConnect'; readonly onOpen: () => void };

/** Limits the time for connecting. A connection that is reused is open already. */
function limitConnecting(socket: Socket, { event, onOpen }: Connecting): void {
  if (!socket.connecting && socket.bytesWritten > 0) {
    onOpen();
    return;
  }
  const late = Object.assign(new Error('i/o timeout'), { code: 'ETIMEDOUT' });
  let timer = setTimeout(() => socket.destroy(late), dialling);
  socket.once('connect', () => {
    clearTimeout(timer);
    if (event === 'secureConnect') timer = setTimeout(() => socket.destroy(late), greeting);
  });
  socket.once(event, () => {
    clearTimeout(timer);
    onOpen();
  });
  socket.once('close', () => clearTimeout(timer));
}

export type HttpOptions = { readonly tls?: TlsMaterial; readonly headers: Readonly<Record<string, string>> };

export function openHttp({ host, port }: Address, { tls, headers }: HttpOptions): HttpServer {
  const kept = { keepAlive: true, maxSockets: mostConnections };
  const agent = tls ? new SecureAgent(kept) : new Agent(kept);
  const event = tls ? 'secureConnect' : 'connect';
  const start = tls ? secured : plain;

  const ask = ({ method, path, body, signal }: HttpRequest): Promise<HttpResponse> => {
    const { promise, resolve, reject } = Promise.withResolvers<HttpResponse>();
    let open = false;
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
    // the agent opens other connections where the certificates are others by now
    const to = { host, port, method, path, agent, signal, ...tls };
    const sent = start({ ...to, headers: { ...headers, ...length } });
    sent.once('socket', (socket) => {
      const onOpen = (): void => {
        open = true;
      };
      limitConnecting(socket, { event, onOpen });
    });
    sent.on('error', (error) => reject(open || signal.aborted ? error : new NotReached(error)));
    sent.once('response', (message) => {
      const header = (name: string): string | undefined => message.headers[name]?.toString();
      const began = performance.now();
      read(message).then(
        (data) => resolve({ status: message.statusCode ?? 0, header, body: data, began }),
        reject,
      );
    });
    sent.end(body);
    return promise;
  };
  return { ask, close: () => agent.destroy() };
}
