/**
 * The Docker Engine API on unix sockets and loopback TCP. `createApi` is the way in: it puts the table of
 * routes onto fastify, and the hijacked streams onto the servers' connections.
 */
import { createServer, type Server } from 'node:http';
import fastify, { type FastifyInstance } from 'fastify';
import type { Engine } from '../engine/verbs.ts';
import { fail } from '../errors.ts';
import type { Logger } from '../observe/logger.ts';
import { plainDefaults, type RequestDefaults } from './create/defaults.ts';
import { commonHeaders } from './headers.ts';
import { finish } from './hijack/join.ts';
import { hijackRoutes } from './hijack/routes.ts';
import { takeOver } from './hijack/take-over.ts';
import { createUpgrades } from './hijack/upgrade.ts';
import { type ListenAddress, listenAddresses, listenOn, stopListening } from './listen.ts';
import type { OpenedPage, PageAsked, Pages } from './page/pages.ts';
import { type CallContext, register, sendFailure } from './register.ts';
import { allRoutes } from './routes/all.ts';
import { cleanerUrl, parseTarget } from './target.ts';
import { UnderWay } from './under-way.ts';

export interface ApiOptions {
  readonly engine: Engine;
  readonly logger: Logger;
  /** Of seaway: `0.1.0`. */
  readonly version: string;
  /** Defaults for fields that a create request leaves out. */
  readonly defaults?: Partial<RequestDefaults>;
}

export interface ListenOptions {
  /** Of unix sockets. */
  readonly group?: string;
  readonly sockets?: readonly number[];
}

export interface Api {
  /**
   * Listen on `unix:///PATH`, `tcp://127.0.0.1:PORT` or `fd://`, which means `sockets`: descriptors that
   * were handed over. May be called several times.
   */
  listen(host: string, options?: ListenOptions): Promise<void>;
  /**
   * Stop listening, remove the sockets, and wait for requests under way, so many milliseconds at most; streams, and
   * what is left then, are cut.
   */
  close(patience?: number): Promise<void>;
  /** The HTTP side without a socket, for `inject`. */
  readonly app: FastifyInstance;
}

const neverBuilt = (): never => {
  throw fail('BUG', "a route has a schema of fastify's");
};

function createApp(context: CallContext): FastifyInstance {
  const headers = Object.entries(commonHeaders(context.server.version));
  const app = fastify({
    logger: false,
    exposeHeadRoutes: false,
    // no route has a schema of fastify's, so that its compilers (ajv) are not loaded
    schemaController: { compilersFactory: { buildValidator: neverBuilt, buildSerializer: neverBuilt } },
    // A path that cannot be decoded, mostly.
    frameworkErrors: (error, _request, reply) => {
      for (const [name, value] of headers) reply.raw.setHeader(name, value);
      sendFailure(reply, error, context);
    },
    routerOptions: { maxParamLength: 8192 },
    rewriteUrl: (raw) => {
      const target = parseTarget(raw.method ?? 'GET', raw.url ?? '/');
      return target.path + target.search;
    },
  });
  // Bodies are read by the routes: archives are streams, and JSON has messages of its own.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  app.addHook('onRequest', async (request, reply) => {
    for (const [name, value] of headers) reply.raw.setHeader(name, value);
    // fastify refuses an empty one by itself; requireJson does so in Docker's words
    if (request.headers['content-type'] === '') delete request.headers['content-type'];
    const clean = cleanerUrl(request.originalUrl);
    if (clean !== undefined) return await reply.code(301).header('location', clean).send();
  });
  register(app, allRoutes, context);
  return app;
}

/** Keeps accessors, because some defaults may change while the engine runs. */
const withPlain = (given: Partial<RequestDefaults> = {}): RequestDefaults =>
  Object.create(plainDefaults, Object.getOwnPropertyDescriptors(given)) as RequestDefaults;

function createHttpServer(
  app: Pick<Api['app'], 'routing'>,
  upgrades: ReturnType<typeof createUpgrades>,
): Server {
  const http = createServer(
    {
      // Go's limit; registry credentials and long filters travel in headers and URLs.
      maxHeaderSize: 1 << 20,
      requestTimeout: 0,
      keepAliveTimeout: 0,
      shouldUpgradeCallback: (request) => upgrades.wants(request),
    },
    (request, response) => app.routing(request, response),
  );
  http.on('connection', (socket) => {
    takeOver(socket, upgrades.wants);
    // Node ends a connection with this after the last answer; a client that still sends would see that alone.
    socket.destroySoon = () => finish(socket);
  });
  http.on('upgrade', upgrades.take);
  // A client that closes its side after a request (`nc -N`) still gets the answer, as from Go's server. Node has this
  // switch without a word in its documents (lib/_http_server.js).
  return Object.assign(http, { httpAllowHalfOpen: true });
}

/** Opened by the first link. */
function latePages(app: () => Pick<Api['app'], 'routing'>, logger: Logger) {
  let opening: Promise<Pages> | undefined;
  const open = async (): Promise<Pages> => {
    const { Pages } = await import('./page/pages.ts');
    return new Pages({ routing: (request, response) => app().routing(request, response), logger });
  };
  return {
    openPage: async (asked: PageAsked): Promise<OpenedPage> => {
      opening ??= open();
      return (await opening).open(asked);
    },
    closePages: async (): Promise<void> => (await opening)?.close(),
  };
}

export function createApi(options: ApiOptions): Api {
  const { openPage, closePages } = latePages(() => app, options.logger);
  const server = { version: options.version, defaults: withPlain(options.defaults), openPage };
  const underWay = new UnderWay();
  const context: CallContext = { engine: options.engine, log: options.logger, server, underWay };
  const app = createApp(context);
  const upgrades = createUpgrades(hijackRoutes, context);
  const open: { server: Server; address: ListenAddress }[] = [];

  return {
    app,
    async listen(host, { group = 'docker', sockets = [] } = {}) {
      await app.ready();
      for (const address of listenAddresses(host, sockets)) {
        const http = createHttpServer(app, upgrades);
        await listenOn(http, address, { group });
        open.push({ server: http, address });
      }
    },
    async close(patience = 0) {
      const listening = open.splice(0);
      await closePages();
      const closed = listening.map(({ server: http, address }) => stopListening(http, address));
      const left = await underWay.end(patience);
      if (left.length > 0) options.logger.warn('requests were cut', { requests: left.join(', ') });
      upgrades.close();
      for (const { server: http } of listening) http.closeAllConnections();
      await Promise.all(closed);
      await app.close();
    },
  };
}
