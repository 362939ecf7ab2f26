/** Puts the table of routes onto fastify, and maps answers and errors to HTTP. */
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Engine } from '../engine/verbs.ts';
import { fail, hasCode, messageOf } from '../errors.ts';
import type { Logger } from '../observe/logger.ts';
import { note } from '../observe/trace.ts';
import { readText, requireJson } from './body.ts';
import { failureOf } from './failures.ts';
import { parseQuery } from './query.ts';
import type { Answer, Call, Route, ServerFacts } from './route.ts';
import { parseTarget } from './target.ts';
import type { UnderWay } from './under-way.ts';
import { negotiate } from './version.ts';

/** Context of every call in addition to its request. */
export interface CallContext {
  readonly engine: Engine;
  readonly log: Logger;
  readonly server: ServerFacts;
  readonly underWay: UnderWay;
}

async function parseBody(route: Route, raw: IncomingMessage): Promise<unknown> {
  if (!route.parseBody) return undefined;
  requireJson(raw.headers);
  const empty = raw.headers['content-length'] === undefined && !raw.headers['transfer-encoding'];
  const text = empty ? '' : await readText(raw, raw.headers);
  return route.parseBody(text === '' && raw.headers['transfer-encoding'] ? ' ' : text);
}

function send(reply: FastifyReply, answer: Answer): unknown {
  if (answer.kind === 'json') {
    // Go ends JSON answers with a line feed; a string keeps fastify from adding a charset.
    return reply
      .code(answer.status)
      .header('content-type', 'application/json')
      .send(Buffer.from(`${JSON.stringify(answer.value)}\n`));
  }
  if (answer.kind === 'text') {
    return reply.code(answer.status).header('content-type', 'text/plain; charset=utf-8').send(answer.value);
  }
  if (answer.kind === 'empty') return reply.code(answer.status).send();
  return reply;
}

/** The answer to anything that was thrown; a response that has begun can only be cut. */
export function sendFailure(reply: FastifyReply, thrown: unknown, context: CallContext): FastifyReply {
  const failure = failureOf(thrown, context.log, `${reply.request.method} ${reply.request.url}`);
  if (reply.raw.headersSent) {
    reply.raw.destroy();
    return reply.hijack();
  }
  if (failure.status === 304) return reply.code(304).send();
  // clients older than 1.24 read errors as text
  if (hasCode(thrown, 'API_TOO_OLD'))
    return reply
      .code(failure.status)
      .header('content-type', 'text/plain; charset=utf-8')
      .send(`${failure.message}\n`);
  return reply
    .code(failure.status)
    .header('content-type', 'application/json')
    .send(Buffer.from(`${JSON.stringify({ message: failure.message })}\n`));
}

/** The parsed request, without its body. `version` is checked here, so that unknown routes stay 404. */
export function callOf(
  raw: IncomingMessage,
  context: CallContext,
  where: { readonly version: string | undefined; readonly search: string },
): Omit<Call<unknown>, 'params' | 'body' | 'response'> {
  const { engine, log, server } = context;
  return {
    ...{ engine, log, server },
    version: negotiate(where.version),
    query: parseQuery(where.search),
    headers: raw.headers,
    upload: raw,
  };
}

async function answer(
  route: Route,
  context: CallContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Answer> {
  const call = callOf(request.raw, context, parseTarget(request.method, request.originalUrl));
  const body = await parseBody(route, request.raw);
  const params = request.params as Readonly<Record<string, string>>;
  return await route.handle({ ...call, params, body, response: reply.raw });
}

/**
 * Reads and discards the rest of a body: a client that is still sending sees the answer only
 * when it is done. A handler that stopped in the middle may have left its listener behind.
 */
function discardRest(request: IncomingMessage): void {
  if (request.readableEnded || request.destroyed) return;
  request.removeAllListeners('readable');
  request.resume();
}

async function serve(
  route: Route,
  context: CallContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  try {
    const work = {
      doing: `${request.method} ${request.url}`,
      isTelling: route.isTelling ?? false,
      response: reply.raw,
    };
    const made = await context.underWay.during(work, () => answer(route, context, request, reply));
    if (made.kind === 'taken') return reply.hijack();
    return send(reply, made);
  } catch (error) {
    note('refused', { error: messageOf(error) });
    return sendFailure(reply, error, context);
  } finally {
    discardRest(request.raw);
  }
}

/** Add every route of the table. Each request is a trace. */
export function register(app: FastifyInstance, routes: readonly Route[], context: CallContext): void {
  const { tracer } = context.engine;
  for (const route of routes) {
    app.route({
      method: route.method,
      url: route.path,
      handler: (request, reply) => {
        if (route.isUntraced) return serve(route, context, request, reply);
        const fields = {
          url: request.url,
          traceparent: request.headers.traceparent,
          get status() {
            return reply.raw.headersSent ? reply.raw.statusCode : reply.statusCode;
          },
        };
        const subject = { kind: 'request', name: `${route.method} ${route.path}`, fields } as const;
        return tracer.run(subject, () => serve(route, context, request, reply));
      },
    });
  }
  app.setNotFoundHandler((_request, reply) => sendFailure(reply, fail('ROUTE_NOT_FOUND'), context));
  app.setErrorHandler((error, _request, reply) => sendFailure(reply, error, context));
}
