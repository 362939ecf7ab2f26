/** A plugin of the tests: answers Docker's plugin protocol on a socket, keeps what it was asked, and fails as told. */
import { linkSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { dirname } from 'node:path';

export type Handlers = Readonly<Record<string, (asked: Record<string, unknown>) => unknown>>;

/** How a call fails: `late` is `hang` that does its work, `huge` answers more than anyone reads. */
export type Fault = 'error' | 'hang' | 'garbage' | 'cut' | 'half' | 'huge' | 'missing' | 'killed' | 'late';

export const faultKinds: readonly Fault[] = ['error', 'hang', 'garbage', 'cut', 'half', 'huge', 'killed'];

export interface PluginCall {
  readonly method: string;
  readonly asked: Record<string, unknown>;
}

export interface RawCall extends PluginCall {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export class PluginServer {
  readonly path: string;
  /** In the order in which they came. */
  readonly calls: RawCall[] = [];
  /** By method; taken away again by the test. */
  readonly faults = new Map<string, Fault>();
  readonly #handlers: Handlers;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  constructor(path: string, handlers: Handlers) {
    this.path = path;
    this.#handlers = handlers;
  }

  /** Listen; a socket that an earlier one has left is replaced. */
  async start(): Promise<this> {
    mkdirSync(dirname(this.path), { recursive: true });
    rmSync(this.path, { force: true });
    const server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      request.on('end', () => {
        const method = (request.url ?? '').slice(1);
        const asked = body === '' ? {} : (JSON.parse(body) as Record<string, unknown>);
        this.calls.push({ method, asked, headers: request.headers, body });
        this.#answer({ method, asked }, response);
      });
    });
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket)).on('error', () => undefined);
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(this.path, resolve);
    });
    this.#server = server;
    return this;
  }

  /** Gone with all its connections. `leave`: its socket stays behind, as after SIGKILL. */
  async stop({ leave = false } = {}): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    const kept = `${this.path}.kept`;
    // closing takes the socket's name away; a second name outlasts it
    if (leave) linkSync(this.path, kept);
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
    if (leave) renameSync(kept, this.path);
  }

  methods(): readonly string[] {
    return this.calls.map(({ method }) => method);
  }

  #answer({ method, asked }: PluginCall, response: ServerResponse): void {
    const fault = this.faults.get(method);
    if (fault === 'hang') return;
    if (fault === 'killed') void this.stop({ leave: true });
    else if (fault === 'cut') response.destroy();
    else if (fault === 'missing') send(response, 404, 'page not found');
    else if (fault === 'error') send(response, 500, JSON.stringify({ Err: `${method} was told to fail` }));
    else this.#work({ method, asked }, { response, fault });
  }

  /** The work is done; the answer may be lost. */
  #work(
    { method, asked }: PluginCall,
    { response, fault }: { readonly response: ServerResponse; readonly fault: Fault | undefined },
  ): void {
    const [status, answer] = this.#handle(method, asked);
    if (fault === 'late') return;
    if (fault === 'garbage') send(response, 200, '<html>no JSON</html>');
    else if (fault === 'half') half(response, answer);
    else if (fault === 'huge') huge(response);
    else send(response, status, JSON.stringify(answer));
  }

  #handle(method: string, asked: Record<string, unknown>): readonly [number, unknown] {
    const handler = this.#handlers[method];
    if (!handler) return [404, { Err: `no method ${method}` }];
    try {
      return [200, handler(asked)];
    } catch (error) {
      return [500, { Err: error instanceof Error ? error.message : String(error) }];
    }
  }
}

function send(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'application/vnd.docker.plugins.v1.2+json' });
  response.end(text);
}

/** The head promises more than comes before the connection ends. */
function half(response: ServerResponse, answer: unknown): void {
  const text = JSON.stringify(answer);
  response.writeHead(200, { 'content-length': text.length + 100 });
  response.write(text.slice(0, -1), () => response.destroy());
}

function huge(response: ServerResponse): void {
  response.writeHead(200);
  const block = Buffer.alloc(1024 * 1024, 0x20);
  let left = 100;
  const more = (): void => {
    if (left-- > 0 && !response.destroyed) response.write(block, more);
    else response.end('{}');
  };
  more();
}
