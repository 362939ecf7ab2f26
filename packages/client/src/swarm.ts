/** Swarm mode: the swarm, its nodes, services, tasks, secrets and configs. */
import { type Client, type Filters, filtersQuery } from './client.ts';
import type { LogOptions } from './containers.ts';
import type {
  ConfigSpec,
  InitRequest,
  JoinRequest,
  NodeSpec,
  SecretSpec,
  ServiceSpec,
  Spec,
} from './requests.ts';
import { type Output, output } from './streams.ts';
import type { NodeObject, ServiceObject, SwarmInspect, SwarmObject, TaskObject } from './swarm-answers.ts';

/** The number of the last change of an object, which an update names. */
interface Versioned {
  readonly version: number;
}

/** Objects of one kind below a path. */
class Collection<Object> {
  protected readonly client: Client;
  protected readonly base: string;

  constructor(client: Client, base: string) {
    this.client = client;
    this.base = base;
  }

  protected at(id: string, rest = ''): string {
    return `${this.base}/${encodeURIComponent(id)}${rest}`;
  }

  list(filters?: Filters): Promise<readonly Object[]> {
    return this.client.get(this.base, { filters: filtersQuery(filters) });
  }

  inspect(id: string): Promise<Object> {
    return this.client.get(this.at(id));
  }
}

/** Those that a client makes and removes. */
class Files<Object, Body> extends Collection<Object> {
  create(body: Body): Promise<{ readonly ID: string }> {
    return this.client.json('POST', `${this.base}/create`, { json: body });
  }

  update(id: string, { version }: Versioned, body: Body): Promise<void> {
    return this.client.done('POST', this.at(id, '/update'), { query: { version }, json: body });
  }

  remove(id: string): Promise<void> {
    return this.client.done('DELETE', this.at(id));
  }
}

/** What can be asked of the logs of services and tasks. */
export type SwarmLogOptions = Omit<LogOptions, 'until'> & { readonly details?: boolean };

/** Terminals have no frames, which the type of the answer tells (API 1.42 and later). */
async function* logsFrom(
  client: Client,
  path: string,
  { signal, ...asked }: SwarmLogOptions,
): AsyncGenerator<Output, void, undefined> {
  const query = { stdout: true, stderr: true, ...asked };
  const answer = await client.open('GET', path, { query, signal });
  const isRaw = answer.headers['content-type'] === 'application/vnd.docker.raw-stream';
  yield* output(answer, { tty: client.atLeast('1.42') && isRaw });
}

class Tasks extends Collection<TaskObject> {
  /** What the container of a task has written. */
  logs(id: string, options: SwarmLogOptions = {}): AsyncGenerator<Output, void, undefined> {
    return logsFrom(this.client, this.at(id, '/logs'), options);
  }
}

class Services extends Collection<ServiceObject> {
  /** What the containers of all its tasks have written. */
  logs(id: string, options: SwarmLogOptions = {}): AsyncGenerator<Output, void, undefined> {
    return logsFrom(this.client, this.at(id, '/logs'), options);
  }

  create(body: ServiceSpec): Promise<{ readonly ID: string }> {
    return this.client.json('POST', `${this.base}/create`, { json: body });
  }

  update(
    id: string,
    options: Versioned & { readonly rollback?: 'previous' },
    body: ServiceSpec,
  ): Promise<{ readonly Warnings: readonly string[] | null }> {
    return this.client.json('POST', this.at(id, '/update'), { query: { ...options }, json: body });
  }

  remove(id: string): Promise<void> {
    return this.client.done('DELETE', this.at(id));
  }
}

class Nodes extends Collection<NodeObject> {
  update(id: string, { version }: Versioned, body: NodeSpec): Promise<void> {
    return this.client.done('POST', this.at(id, '/update'), { query: { version }, json: body });
  }

  remove(id: string, options: { readonly force?: boolean } = {}): Promise<void> {
    return this.client.done('DELETE', this.at(id), { query: { ...options } });
  }
}

export class Swarm {
  readonly #client: Client;
  readonly nodes: Nodes;
  readonly services: Services;
  readonly tasks: Tasks;
  readonly secrets: Files<SwarmObject<SecretSpec>, SecretSpec>;
  readonly configs: Files<SwarmObject<ConfigSpec>, ConfigSpec>;

  constructor(client: Client) {
    this.#client = client;
    this.nodes = new Nodes(client, '/nodes');
    this.services = new Services(client, '/services');
    this.tasks = new Tasks(client, '/tasks');
    this.secrets = new Files(client, '/secrets');
    this.configs = new Files(client, '/configs');
  }

  inspect(): Promise<SwarmInspect> {
    return this.#client.get('/swarm');
  }

  /** Resolves with the id of the node. */
  init(body: InitRequest): Promise<string> {
    return this.#client.json('POST', '/swarm/init', { json: body });
  }

  join(body: JoinRequest): Promise<void> {
    return this.#client.done('POST', '/swarm/join', { json: body });
  }

  leave(options: { readonly force?: boolean } = {}): Promise<void> {
    return this.#client.done('POST', '/swarm/leave', { query: { ...options } });
  }

  update(
    options: Versioned & {
      readonly rotateWorkerToken?: boolean;
      readonly rotateManagerToken?: boolean;
      readonly rotateManagerUnlockKey?: boolean;
    },
    body: Spec,
  ): Promise<void> {
    return this.#client.done('POST', '/swarm/update', { query: { ...options }, json: body });
  }

  /** The key that opens a locked manager after a restart; '' where managers are not locked. */
  async unlockKey(): Promise<string> {
    return (await this.#client.get<{ UnlockKey: string }>('/swarm/unlockkey')).UnlockKey;
  }

  unlock(key: string): Promise<void> {
    return this.#client.done('POST', '/swarm/unlock', { json: { UnlockKey: key } });
  }
}
