/** Networks and volumes. */
import type { NetworkInspect, NetworkSummary, Pruned, VolumeSummary } from './answers.ts';
import { type Client, type Filters, filtersQuery } from './client.ts';
import type {
  NetworkConnect,
  NetworkCreateRequest,
  NetworkDisconnect,
  VolumeCreateOptions,
} from './requests.ts';

const at = (id: string, rest = ''): string => `/networks/${encodeURIComponent(id)}${rest}`;

export class Networks {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  list(filters?: Filters): Promise<readonly NetworkSummary[]> {
    return this.#client.get('/networks', { filters: filtersQuery(filters) });
  }

  create(body: NetworkCreateRequest): Promise<{ readonly Id: string; readonly Warning: string }> {
    return this.#client.json('POST', '/networks/create', { json: body });
  }

  inspect(
    id: string,
    options: { readonly verbose?: boolean; readonly scope?: string } = {},
  ): Promise<NetworkInspect> {
    return this.#client.get(at(id), { ...options });
  }

  connect(id: string, body: NetworkConnect): Promise<void> {
    return this.#client.done('POST', at(id, '/connect'), { json: body });
  }

  disconnect(id: string, body: NetworkDisconnect): Promise<void> {
    return this.#client.done('POST', at(id, '/disconnect'), { json: body });
  }

  remove(id: string): Promise<void> {
    return this.#client.done('DELETE', at(id));
  }

  prune(filters?: Filters): Promise<Pruned> {
    return this.#client.json('POST', '/networks/prune', { query: { filters: filtersQuery(filters) } });
  }
}

export class Volumes {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  async list(filters?: Filters): Promise<readonly VolumeSummary[]> {
    const query = { filters: filtersQuery(filters) };
    return (await this.#client.get<{ Volumes: VolumeSummary[] | null }>('/volumes', query)).Volumes ?? [];
  }

  create(body: VolumeCreateOptions): Promise<VolumeSummary> {
    return this.#client.json('POST', '/volumes/create', { json: body });
  }

  inspect(name: string): Promise<VolumeSummary> {
    return this.#client.get(`/volumes/${encodeURIComponent(name)}`);
  }

  remove(name: string, options: { readonly force?: boolean } = {}): Promise<void> {
    return this.#client.done('DELETE', `/volumes/${encodeURIComponent(name)}`, { query: { ...options } });
  }

  prune(filters?: Filters): Promise<Pruned> {
    return this.#client.json('POST', '/volumes/prune', { query: { filters: filtersQuery(filters) } });
  }
}
