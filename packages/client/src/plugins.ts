/** Managed plugins: `/plugins`. */
import type { Readable } from 'node:stream';
import type { PluginInspect, PluginPrivilege, ProgressLine } from './answers.ts';
import { type Client, type Filters, filtersQuery } from './client.ts';
import { credentials, type WithCredentials } from './credentials.ts';
import { progress } from './streams.ts';

const at = (name: string, rest = ''): string => `/plugins/${encodeURIComponent(name)}${rest}`;

export class Plugins {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  list(filters?: Filters): Promise<readonly PluginInspect[]> {
    return this.#client.get('/plugins', { filters: filtersQuery(filters) });
  }

  inspect(name: string): Promise<PluginInspect> {
    return this.#client.get(at(name, '/json'));
  }

  /** What a plugin of a registry asks for; it is granted by `pull`. */
  async privileges(remote: string, { auth }: WithCredentials = {}): Promise<readonly PluginPrivilege[]> {
    const options = { query: { remote }, headers: credentials(auth) };
    const asked = await this.#client.json<PluginPrivilege[] | null>('GET', '/plugins/privileges', options);
    return asked ?? [];
  }

  /** Pulls while the loop runs; throws what the engine reports. */
  async *pull(
    plugin: { readonly remote: string; readonly name?: string },
    granted: readonly PluginPrivilege[],
    { auth, signal }: WithCredentials = {},
  ): AsyncGenerator<ProgressLine, void, undefined> {
    const options = { query: { ...plugin }, json: granted, headers: credentials(auth), signal };
    yield* progress<ProgressLine>(await this.#client.open('POST', '/plugins/pull', options));
  }

  async *upgrade(
    plugin: { readonly remote: string; readonly name: string },
    granted: readonly PluginPrivilege[],
    { auth, signal }: WithCredentials = {},
  ): AsyncGenerator<ProgressLine, void, undefined> {
    const { remote, name } = plugin;
    const options = { query: { remote }, json: granted, headers: credentials(auth), signal };
    yield* progress<ProgressLine>(await this.#client.open('POST', at(name, '/upgrade'), options));
  }

  async *push(
    name: string,
    { auth, signal }: WithCredentials = {},
  ): AsyncGenerator<ProgressLine, void, undefined> {
    const options = { headers: credentials(auth ?? {}), signal };
    yield* progress<ProgressLine>(await this.#client.open('POST', at(name, '/push'), options));
  }

  /** From a tar archive with `config.json` and `rootfs/`. */
  create(name: string, archive: Readable): Promise<void> {
    const headers = { 'Content-Type': 'application/x-tar' };
    return this.#client.done('POST', '/plugins/create', { query: { name }, stream: archive, headers });
  }

  /** `timeout`: seconds. */
  enable(name: string, { timeout = 0 }: { readonly timeout?: number } = {}): Promise<void> {
    return this.#client.done('POST', at(name, '/enable'), { query: { timeout } });
  }

  disable(name: string, options: { readonly force?: boolean } = {}): Promise<void> {
    return this.#client.done('POST', at(name, '/disable'), { query: { ...options } });
  }

  /** `NAME=VALUE` of its settings; it has to be disabled. */
  set(name: string, settings: readonly string[]): Promise<void> {
    return this.#client.done('POST', at(name, '/set'), { json: settings });
  }

  remove(name: string, options: { readonly force?: boolean } = {}): Promise<void> {
    return this.#client.done('DELETE', at(name), { query: { ...options } });
  }
}
