/** The engine itself: version, info, disk usage, events. */
import type { DiskUsage, EventLine, Info, Version } from './answers.ts';
import { type Client, type Filters, filtersQuery } from './client.ts';
import type { AuthConfig } from './requests.ts';
import { jsonLines } from './streams.ts';

export interface EventOptions {
  /** Seconds since 1970, also with a fraction. */
  readonly since?: string | number;
  readonly until?: string | number;
  readonly filters?: Filters;
  readonly signal?: AbortSignal;
}

export class System {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  ping(): Promise<string> {
    return this.#client.text('GET', '/_ping');
  }

  version(): Promise<Version> {
    return this.#client.get('/version');
  }

  info(): Promise<Info> {
    return this.#client.get('/info');
  }

  /** Whether a registry takes these credentials. Throws `EngineError` where it does not. */
  auth(body: AuthConfig): Promise<{ readonly Status: string; readonly IdentityToken: string }> {
    return this.#client.json('POST', '/auth', { json: body });
  }

  diskUsage(): Promise<DiskUsage> {
    return this.#client.get('/system/df');
  }

  /** Events as they happen, until `until`, the signal, or the end of the loop. */
  async *events(options: EventOptions = {}): AsyncGenerator<EventLine, void, undefined> {
    const { signal, filters, ...times } = options;
    const query = { ...times, filters: filtersQuery(filters) };
    yield* jsonLines<EventLine>(await this.#client.open('GET', '/events', { query, signal }));
  }
}
