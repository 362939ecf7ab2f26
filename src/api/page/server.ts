/** One listener of the page on loopback: its files, and the calls of the engine that the page may make. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fail, messageOf } from '../../errors.ts';
import type { Logger } from '../../observe/logger.ts';
import { pageFile } from './files.ts';
import { strangerIn, tokenOf, useOf } from './gate.ts';
import { type Session, Sessions } from './sessions.ts';

/** Hands a request to the routes of the API. */
export type Routing = (request: IncomingMessage, response: ServerResponse) => void;

export interface PageServerOptions {
  readonly routing: Routing;
  readonly logger: Pick<Logger, 'error'>;
  /** Milliseconds without use after which a token ends. */
  readonly patience: number;
  /** Called when the last token has ended, and the server is closed. */
  readonly ended: () => void;
}

/** Nothing from elsewhere, no script in the document, and the page in nobody's frame. */
const headers = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-store',
} as const;

/** Connections at the same time. */
const mostConnections = 64;

export class PageServer {
  readonly #options: PageServerOptions;
  readonly #http: Server;
  readonly #sessions: Sessions;

  private constructor(options: PageServerOptions) {
    this.#options = options;
    this.#sessions = new Sessions(options.patience, () => this.close());
    this.#http = createServer((request, response) => this.#serve(request, response));
    this.#http.maxConnections = mostConnections;
  }

  /** `port` 0 is any. Throws PAGE_PORT. */
  static async listen(port: number, options: PageServerOptions): Promise<PageServer> {
    const server = new PageServer(options);
    await new Promise<void>((resolve, reject) => {
      const refused = (error: Error): void => reject(fail('PAGE_PORT', port, error.message));
      server.#http.once('error', refused);
      server.#http.listen(port, '127.0.0.1', () => {
        server.#http.off('error', refused);
        server.#http.on('error', (error) => options.logger.error('the server of the page', { error }));
        resolve();
      });
    });
    return server;
  }

  get port(): number {
    return (this.#http.address() as AddressInfo).port;
  }

  /** A new token. */
  open(isWriting: boolean): string {
    return this.#sessions.open(isWriting);
  }

  close(): void {
    this.#sessions.close();
    this.#http.close();
    this.#http.closeAllConnections();
    this.#options.ended();
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const { url = '', method = '' } = request;
    const [path = ''] = url.split('?');
    if (path.startsWith('/api/')) this.#call(request, response, path.slice('/api'.length));
    else void sendFile(response, { method, path, host: request.headers.host });
  }

  #call(request: IncomingMessage, response: ServerResponse, path: string): void {
    const stranger = strangerIn(request.headers);
    const session = stranger === '' ? this.#sessions.find(tokenOf(request.headers)) : undefined;
    const { method = '', url = '' } = request;
    if (stranger !== '') refuse(response, 403, stranger);
    else if (!session) refuse(response, 401, 'this link has ended: call seaway ui for another one');
    else {
      response.once('close', this.#sessions.use(session));
      if (path === '/session' && method === 'GET') answer(response, 200, { Write: session.isWriting });
      else
        this.#pass(request, response, { session, use: useOf(method, path), url: url.slice('/api'.length) });
    }
  }

  #pass(
    request: IncomingMessage,
    response: ServerResponse,
    { session, use, url }: { session: Session; use: ReturnType<typeof useOf>; url: string },
  ): void {
    if (use === 'none') refuse(response, 404, 'the page has no part in this call');
    else if (use === 'write' && !session.isWriting)
      refuse(response, 403, 'the page only reads: a link of seaway ui --write may change things');
    else {
      request.url = url;
      this.#options.routing(request, response);
    }
  }
}

/** A file can be asked for from anywhere: there is nothing in it. */
async function sendFile(
  response: ServerResponse,
  { method, path, host }: { method: string; path: string; host: string | undefined },
): Promise<void> {
  const stranger = strangerIn({ host });
  try {
    const file = await pageFile(path);
    if (stranger !== '') refuse(response, 403, stranger);
    else if (method !== 'GET') refuse(response, 405, 'only GET is served here');
    else if (!file) refuse(response, 404, 'page not found');
    else response.writeHead(200, { 'Content-Type': file.type }).end(file.content);
  } catch (error) {
    refuse(response, 503, messageOf(error));
  }
}

function answer(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(`${JSON.stringify(value)}\n`);
}

const refuse = (response: ServerResponse, status: number, message: string): void =>
  answer(response, status, { message });
