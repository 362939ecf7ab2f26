/** Containers: `/containers`, `/exec` and `/commit`. */
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type {
  ContainerInspect,
  ContainerSummary,
  Created,
  ExecInspect,
  FilesystemChange,
  PathStat,
  ProcessTable,
  Pruned,
  Stats,
  WaitResult,
} from './answers.ts';
import { type Client, type Filters, filtersQuery } from './client.ts';
import type { Hijacked } from './http.ts';
import { parseJson } from './json.ts';
import type { Config, CreateRequest, ExecOptions, ExecStartOptions, UpdateConfig } from './requests.ts';
import { jsonLines, type Output, output } from './streams.ts';

export interface LogOptions {
  readonly stdout?: boolean;
  readonly stderr?: boolean;
  readonly follow?: boolean;
  readonly timestamps?: boolean;
  /** Seconds since 1970, also with a fraction. */
  readonly since?: string | number;
  readonly until?: string | number;
  readonly tail?: number | 'all';
  readonly signal?: AbortSignal;
}

export interface AttachOptions {
  readonly stream?: boolean;
  readonly logs?: boolean;
  readonly stdin?: boolean;
  readonly stdout?: boolean;
  readonly stderr?: boolean;
  readonly detachKeys?: string;
}

const at = (id: string, rest = ''): string => `/containers/${encodeURIComponent(id)}${rest}`;

export class Containers {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  list(
    options: {
      readonly all?: boolean;
      readonly limit?: number;
      readonly size?: boolean;
      readonly filters?: Filters;
    } = {},
  ): Promise<readonly ContainerSummary[]> {
    return this.#client.get('/containers/json', { ...options, filters: filtersQuery(options.filters) });
  }

  create(
    body: CreateRequest,
    options: { readonly name?: string; readonly platform?: string } = {},
  ): Promise<Created> {
    return this.#client.json('POST', '/containers/create', { json: body, query: { ...options } });
  }

  inspect(id: string, options: { readonly size?: boolean } = {}): Promise<ContainerInspect> {
    return this.#client.get(at(id, '/json'), { ...options });
  }

  start(id: string, options: { readonly detachKeys?: string } = {}): Promise<void> {
    return this.#client.done('POST', at(id, '/start'), { query: { ...options } });
  }

  /** `t`: seconds until it is killed. */
  stop(id: string, options: { readonly t?: number; readonly signal?: string } = {}): Promise<void> {
    return this.#client.done('POST', at(id, '/stop'), { query: { ...options } });
  }

  restart(id: string, options: { readonly t?: number; readonly signal?: string } = {}): Promise<void> {
    return this.#client.done('POST', at(id, '/restart'), { query: { ...options } });
  }

  kill(id: string, options: { readonly signal?: string } = {}): Promise<void> {
    return this.#client.done('POST', at(id, '/kill'), { query: { ...options } });
  }

  pause(id: string): Promise<void> {
    return this.#client.done('POST', at(id, '/pause'));
  }

  unpause(id: string): Promise<void> {
    return this.#client.done('POST', at(id, '/unpause'));
  }

  rename(id: string, name: string): Promise<void> {
    return this.#client.done('POST', at(id, '/rename'), { query: { name } });
  }

  update(id: string, body: UpdateConfig): Promise<{ readonly Warnings: readonly string[] | null }> {
    return this.#client.json('POST', at(id, '/update'), { json: body });
  }

  /** `v`: its anonymous volumes too. */
  remove(id: string, options: { readonly force?: boolean; readonly v?: boolean } = {}): Promise<void> {
    return this.#client.done('DELETE', at(id), { query: { ...options } });
  }

  prune(filters?: Filters): Promise<Pruned> {
    return this.#client.json('POST', '/containers/prune', { query: { filters: filtersQuery(filters) } });
  }

  /** Resolves when the container ends, or has gone with `removed`. */
  wait(
    id: string,
    options: {
      readonly condition?: 'not-running' | 'next-exit' | 'removed';
      readonly signal?: AbortSignal;
    } = {},
  ): Promise<WaitResult> {
    const { condition, signal } = options;
    return this.#client.json('POST', at(id, '/wait'), { query: { condition }, signal });
  }

  /** What the container has written. `tty` says whether it has a terminal; it is looked up where it is not given. */
  async *logs(
    id: string,
    options: LogOptions & { readonly tty?: boolean } = {},
  ): AsyncGenerator<Output, void, undefined> {
    const { signal, tty = (await this.inspect(id)).Config.Tty, ...asked } = options;
    const query = { stdout: true, stderr: true, ...asked };
    yield* output(await this.#client.open('GET', at(id, '/logs'), { query, signal }), { tty });
  }

  /** One sample about every second. */
  async *stats(
    id: string,
    options: { readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<Stats, void, undefined> {
    yield* jsonLines<Stats>(await this.#client.open('GET', at(id, '/stats'), options));
  }

  /** One sample. */
  statsOnce(id: string, options: { readonly oneShot?: boolean } = {}): Promise<Stats> {
    return this.#client.get(at(id, '/stats'), { stream: '0', 'one-shot': options.oneShot });
  }

  top(id: string, options: { readonly ps_args?: string } = {}): Promise<ProcessTable> {
    return this.#client.get(at(id, '/top'), { ...options });
  }

  changes(id: string): Promise<readonly FilesystemChange[] | null> {
    return this.#client.get(at(id, '/changes'));
  }

  resize(id: string, size: { readonly h: number; readonly w: number }): Promise<void> {
    return this.#client.done('POST', at(id, '/resize'), { query: { ...size } });
  }

  /** The raw connection to the container's streams; `output` takes frames apart. */
  attach(id: string, options: AttachOptions): Promise<Hijacked> {
    return this.#client.hijack(at(id, '/attach'), { query: { ...options } });
  }

  /** What is at a path. */
  async statArchive(id: string, path: string): Promise<PathStat> {
    const answer = await this.#client.open('HEAD', at(id, '/archive'), { query: { path } });
    answer.resume();
    const stat = answer.headers['x-docker-container-path-stat'];
    return parseJson(Buffer.from(String(stat ?? ''), 'base64').toString('utf8')) as PathStat;
  }

  /** A tar archive of a path. */
  getArchive(id: string, path: string): Promise<IncomingMessage> {
    return this.#client.open('GET', at(id, '/archive'), { query: { path } });
  }

  /** Unpacks a tar archive into a folder. */
  putArchive(
    id: string,
    path: string,
    archive: Readable,
    options: { readonly noOverwriteDirNonDir?: boolean; readonly copyUIDGID?: boolean } = {},
  ): Promise<void> {
    const headers = { 'Content-Type': 'application/x-tar' };
    return this.#client.done('PUT', at(id, '/archive'), {
      query: { path, ...options },
      stream: archive,
      headers,
    });
  }

  /** The whole root as a tar archive. */
  export(id: string): Promise<IncomingMessage> {
    return this.#client.open('GET', at(id, '/export'));
  }

  commit(
    id: string,
    options: { readonly repo?: string; readonly tag?: string; readonly comment?: string } = {},
    config: Config = {},
  ): Promise<{ readonly Id: string }> {
    return this.#client.json('POST', '/commit', { query: { container: id, ...options }, json: config });
  }

  createExec(id: string, body: ExecOptions): Promise<{ readonly Id: string }> {
    return this.#client.json('POST', at(id, '/exec'), { json: body });
  }

  /** The raw connection to the process; with `Detach` use `startExecDetached`. */
  startExec(execId: string, body: ExecStartOptions = {}): Promise<Hijacked> {
    return this.#client.hijack(`/exec/${execId}/start`, { json: body });
  }

  startExecDetached(execId: string): Promise<void> {
    return this.#client.done('POST', `/exec/${execId}/start`, { json: { Detach: true } });
  }

  inspectExec(execId: string): Promise<ExecInspect> {
    return this.#client.get(`/exec/${execId}/json`);
  }

  resizeExec(execId: string, size: { readonly h: number; readonly w: number }): Promise<void> {
    return this.#client.done('POST', `/exec/${execId}/resize`, { query: { ...size } });
  }
}
