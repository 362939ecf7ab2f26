/** Images. */
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type {
  DistributionInspect,
  ImageHistoryItem,
  ImageInspect,
  ImageSummary,
  ProgressLine,
  Pruned,
} from './answers.ts';
import { type Client, type Filters, filtersQuery } from './client.ts';
import { credentials, type WithCredentials } from './credentials.ts';
import { progress } from './streams.ts';

const at = (name: string, rest = ''): string => `/images/${encodeURIComponent(name)}${rest}`;

export class Images {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  list(
    options: { readonly all?: boolean; readonly filters?: Filters } = {},
  ): Promise<readonly ImageSummary[]> {
    return this.#client.get('/images/json', { all: options.all, filters: filtersQuery(options.filters) });
  }

  inspect(name: string): Promise<ImageInspect> {
    return this.#client.get(at(name, '/json'));
  }

  history(name: string): Promise<readonly ImageHistoryItem[]> {
    return this.#client.get(at(name, '/history'));
  }

  tag(name: string, target: { readonly repo: string; readonly tag?: string }): Promise<void> {
    return this.#client.done('POST', at(name, '/tag'), { query: { ...target } });
  }

  remove(
    name: string,
    options: { readonly force?: boolean; readonly noprune?: boolean } = {},
  ): Promise<readonly { readonly Untagged?: string; readonly Deleted?: string }[]> {
    return this.#client.json('DELETE', at(name), { query: { ...options } });
  }

  prune(filters?: Filters): Promise<Pruned> {
    return this.#client.json('POST', '/images/prune', { query: { filters: filtersQuery(filters) } });
  }

  /** Pulls while the loop runs; throws what the engine reports. */
  async *pull(
    image: { readonly fromImage: string; readonly tag?: string; readonly platform?: string },
    { auth, signal }: WithCredentials = {},
  ): AsyncGenerator<ProgressLine, void, undefined> {
    const options = { query: { ...image }, headers: credentials(auth), signal };
    yield* progress<ProgressLine>(await this.#client.open('POST', '/images/create', options));
  }

  async *push(
    name: string,
    { auth, signal, tag }: WithCredentials & { readonly tag?: string } = {},
  ): AsyncGenerator<ProgressLine, void, undefined> {
    const options = { query: { tag }, headers: credentials(auth ?? {}), signal };
    yield* progress<ProgressLine>(await this.#client.open('POST', at(name, '/push'), options));
  }

  async *load(archive: Readable): AsyncGenerator<ProgressLine, void, undefined> {
    const headers = { 'Content-Type': 'application/x-tar' };
    yield* progress<ProgressLine>(
      await this.#client.open('POST', '/images/load', { stream: archive, headers }),
    );
  }

  /** A tar archive of several images. */
  save(names: readonly string[]): Promise<IncomingMessage> {
    return this.#client.open('GET', '/images/get', { query: { names } });
  }

  /** An image whose one layer is the file system of a tar archive. */
  async *import(
    archive: Readable,
    image: {
      readonly repo: string;
      readonly tag?: string;
      readonly message?: string;
      readonly changes?: readonly string[];
      readonly platform?: string;
    },
  ): AsyncGenerator<ProgressLine, void, undefined> {
    const query = { fromSrc: '-', ...image };
    const headers = { 'Content-Type': 'application/x-tar' };
    const options = { query, stream: archive, headers };
    yield* progress<ProgressLine>(await this.#client.open('POST', '/images/create', options));
  }

  /** A tar archive of one image. */
  saveOne(name: string): Promise<IncomingMessage> {
    return this.#client.open('GET', at(name, '/get'));
  }

  /** What a registry has under a name, without a pull. */
  distribution(name: string, { auth }: WithCredentials = {}): Promise<DistributionInspect> {
    const options = { headers: credentials(auth) };
    return this.#client.json('GET', `/distribution/${encodeURIComponent(name)}/json`, options);
  }
}
