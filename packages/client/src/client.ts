/** Requests to the engine: a version that both sides know, errors with the engine's message. */
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { ClientError, EngineError } from './errors.ts';
import { exchange, type Hijacked, hijack, type Transport } from './http.ts';
import { parseJson } from './json.ts';

/** The newest API version that this client speaks. */
export const newestVersion = '1.50';

export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** `label` to its values: a value of each key must fit. */
export type Filters = Readonly<Record<string, readonly string[]>>;

export interface RequestOptions {
  readonly query?: Query;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is. */
  readonly stream?: Readable;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

function queryText(query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value === undefined || value === '' || value === false) continue;
    if (typeof value === 'object') for (const each of value) search.append(key, each);
    else search.append(key, value === true ? '1' : String(value));
  }
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}

/** `filters` of the API, or nothing where there are none. */
export function filtersQuery(filters: Filters = {}): string | undefined {
  const entries = Object.entries(filters).sort(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length === 0) return undefined;
  return JSON.stringify(
    Object.fromEntries(
      entries.map(([key, values]) => [key, Object.fromEntries(values.map((v) => [v, true]))]),
    ),
  );
}

export async function bytesOf(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

export const textOf = async (stream: Readable): Promise<string> => (await bytesOf(stream)).toString('utf8');

const compareVersions = (a: string, b: string): number => {
  const [[a1 = 0, a2 = 0], [b1 = 0, b2 = 0]] = [a.split('.').map(Number), b.split('.').map(Number)];
  return a1 - b1 || a2 - b2;
};

export class Client {
  readonly transport: Transport;
  /** The version in use, `1.50`. */
  readonly version: string;

  private constructor(transport: Transport, version: string) {
    this.transport = transport;
    this.version = version;
  }

  /** Asks the engine for its version, unless one is given. Throws `ConnectionError`. */
  static async connect(transport: Transport, asked: string | undefined): Promise<Client> {
    if (asked !== undefined && asked !== '') return new Client(transport, asked.replace(/^v/, ''));
    const answer = await exchange(transport, { method: 'HEAD', path: '/_ping', headers: {} });
    answer.resume();
    const theirs = answer.headers['api-version'];
    const known = typeof theirs === 'string' && theirs !== '' ? theirs : '1.24';
    return new Client(transport, compareVersions(known, newestVersion) < 0 ? known : newestVersion);
  }

  /** Whether the version in use is at least that one. */
  atLeast(version: string): boolean {
    return compareVersions(this.version, version) >= 0;
  }

  private path(path: string, query?: Query): string {
    return `/v${this.version}${path}${queryText(query)}`;
  }

  /** The answer, its body unread. Throws `EngineError` from status 400 on. */
  async open(method: string, path: string, options: RequestOptions = {}): Promise<IncomingMessage> {
    const json = options.json === undefined ? undefined : JSON.stringify(options.json);
    const headers: Record<string, string> = { ...options.headers };
    if (json !== undefined) headers['Content-Type'] = 'application/json';
    if (json !== undefined) headers['Content-Length'] = String(Buffer.byteLength(json));
    else if (options.stream === undefined && method !== 'GET' && method !== 'HEAD')
      headers['Content-Length'] = '0';
    const answer = await exchange(this.transport, {
      method,
      path: this.path(path, options.query),
      headers,
      body: json ?? options.stream,
      signal: options.signal,
    });
    await refuse(answer);
    return answer;
  }

  /** The answer's text. */
  async text(method: string, path: string, options?: RequestOptions): Promise<string> {
    return textOf(await this.open(method, path, options));
  }

  /** The answer's JSON, taken for a `T`: the engine keeps to its API. */
  async json<T>(method: string, path: string, options?: RequestOptions): Promise<T> {
    return parseJson(await this.text(method, path, options)) as T;
  }

  /** For answers without a body that says something. */
  async done(method: string, path: string, options?: RequestOptions): Promise<void> {
    await this.text(method, path, options);
  }

  get<T>(path: string, query?: Query): Promise<T> {
    return this.json<T>('GET', path, { query });
  }

  /** The raw connection behind a request. Throws `EngineError`. */
  async hijack(
    path: string,
    options: { readonly query?: Query; readonly json?: unknown } = {},
  ): Promise<Hijacked> {
    const body = options.json === undefined ? undefined : JSON.stringify(options.json);
    const headers: Record<string, string> =
      body === undefined
        ? { 'Content-Length': '0' }
        : { 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(body)) };
    const answer = await hijack(this.transport, {
      method: 'POST',
      path: this.path(path, options.query),
      headers,
      body,
    });
    if ('socket' in answer && 'head' in answer) return answer;
    await refuse(answer);
    throw new ClientError('unable to upgrade to tcp, received 200');
  }
}

async function refuse(answer: IncomingMessage): Promise<void> {
  const status = answer.statusCode ?? 500;
  if (status < 400) return;
  const text = (await textOf(answer)).trim();
  throw new EngineError(reasonOf(text) || (answer.statusMessage ?? `status ${status}`), status);
}

function reasonOf(text: string): string {
  try {
    const json = JSON.parse(text) as { message?: unknown };
    return typeof json.message === 'string' ? json.message.trim() : text;
  } catch {
    return text;
  }
}
