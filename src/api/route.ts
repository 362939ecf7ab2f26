/** Routes: method, path, the schema of the body, and a function from a request to an answer. */
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { Static, TSchema } from 'typebox';
import type { Engine } from '../engine/verbs.ts';
import type { Logger } from '../observe/logger.ts';
import { type BodyParser, bodyParser } from './body.ts';
import type { RequestDefaults } from './create/defaults.ts';
import type { OpenedPage, PageAsked } from './page/pages.ts';
import type { Query } from './query.ts';
import type { Minor } from './version.ts';

/** One request, parsed. */
export interface Call<Body = undefined> {
  readonly engine: Engine;
  readonly version: Minor;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
  readonly headers: IncomingHttpHeaders;
  /** The body as it comes, of routes that take no JSON. */
  readonly upload: Readable;
  /** For answers that stream; a handler that writes to it answers `taken`. */
  readonly response: ServerResponse;
  readonly log: Logger;
  readonly server: ServerFacts;
}

/** Facts of the server for routes. */
export interface ServerFacts {
  /** Of seaway: `0.1.0`. */
  readonly version: string;
  readonly defaults: RequestDefaults;
  /** A link to the page. Throws PAGE_NOT_BUILT, PAGE_PORT. */
  readonly openPage: (asked: PageAsked) => Promise<OpenedPage>;
}

/** How a handler answers. `taken`: it has written (or is writing) the response itself. */
export type Answer =
  | { readonly kind: 'json'; readonly status: number; readonly value: unknown }
  | { readonly kind: 'text'; readonly status: number; readonly value: string }
  | { readonly kind: 'empty'; readonly status: number }
  | { readonly kind: 'taken' };

export const json = (value: unknown, status = 200): Answer => ({ kind: 'json', status, value });
export const created = (value: unknown): Answer => json(value, 201);
export const empty = (status: 200 | 201 | 204): Answer => ({ kind: 'empty', status });
export const taken: Answer = { kind: 'taken' };

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE' | 'OPTIONS';

/** A route whose body, if it has one, was checked when it gets to `handle`. */
export interface Route {
  readonly method: Method;
  /** `:name` is one segment; a name with slashes is one segment too (see `target.ts`). */
  readonly path: string;
  /** Undefined for routes that take no JSON. */
  readonly parseBody: BodyParser<unknown> | undefined;
  readonly handle: (call: Call<unknown>) => Answer | Promise<Answer>;
  /** It only reports events and may take for ever; an ending engine does not wait for it. */
  readonly isTelling?: boolean;
  /** Its requests are no traces. */
  readonly isUntraced?: boolean;
}

type Handler<Body> = (call: Call<Body>) => Answer | Promise<Answer>;

/** A route without a JSON body. */
export function route(method: Method, path: string, handle: Handler<undefined>): Route {
  return { method, path, parseBody: undefined, handle: (call) => handle({ ...call, body: undefined }) };
}

/** A POST route with a JSON body of the schema. */
export function post<S extends TSchema>(path: string, schema: S, handle: Handler<Static<S>>): Route {
  const parse = bodyParser(schema);
  return {
    method: 'POST',
    path,
    parseBody: parse,
    handle: (call) => handle({ ...call, body: call.body as Static<S> }),
  };
}

/** A parameter of the path that the route is known to have. */
export function param(call: Pick<Call<unknown>, 'params'>, name: string): string {
  return call.params[name] ?? '';
}
