/** An engine of answers alone: it writes down what it is asked, and answers with the objects beside it. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { info, nodes, swarm } from './nodes.ts';
import { configs, networks, secrets, services, tasks } from './objects.ts';

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export interface RecordingEngine {
  readonly requests: Request[];
  readonly server: Server;
}

interface Answer {
  readonly status?: number;
  readonly body: unknown;
}

type Named = { readonly ID: string; readonly Spec: { readonly Name?: string } };

const missing = (kind: string, name: string): Answer => ({
  status: 404,
  body: { message: `${kind} ${name} not found` },
});

function one(kind: string, items: readonly Named[], name: string): Answer {
  const found =
    items.find(({ ID }) => ID === name) ??
    items.find(({ Spec }) => Spec.Name === name) ??
    items.find(({ ID }) => ID.startsWith(name));
  return found === undefined ? missing(kind, name) : { body: found };
}

type FilterMap = Readonly<Record<string, Readonly<Record<string, boolean>>>>;

const filtersOf = (url: URL): FilterMap => JSON.parse(url.searchParams.get('filters') ?? '{}') as FilterMap;

const holds = (asked: Readonly<Record<string, boolean>> | undefined, test: (value: string) => boolean) =>
  asked === undefined || Object.keys(asked).some(test);

const hasLabel = (labels: Readonly<Record<string, string>> | undefined) => (text: string) => {
  const [key = '', value] = text.split('=');
  return Object.hasOwn(labels ?? {}, key) && (value === undefined || labels?.[key] === value);
};

/** Filters by id, name and label; `name` is that of the object. */
function filtered(url: URL, items: readonly Named[]): Answer {
  const filters = filtersOf(url);
  const kept = items.filter(({ ID, Spec }) => {
    const { Labels } = Spec as { Labels?: Record<string, string> };
    return (
      holds(filters.id, (value) => ID.startsWith(value)) &&
      holds(filters.name, (value) => (Spec.Name ?? '').startsWith(value)) &&
      holds(filters.label, hasLabel(Labels))
    );
  });
  return { body: kept };
}

const line = (service: string, text: string): Buffer => {
  const details = `com.docker.swarm.node.id=nodea00000000000000000000,com.docker.swarm.service.id=${service},com.docker.swarm.task.id=task400000000000000000000,my=a%2Cb`;
  const payload = Buffer.from(`${details} ${text}\n`);
  const head = Buffer.alloc(8);
  head.writeUInt8(text.startsWith('err') ? 2 : 1, 0);
  head.writeUInt32BE(payload.length, 4);
  return Buffer.concat([head, payload]);
};

const logs = Buffer.concat([
  line('full000000000000000000000', 'one  two'),
  line('full000000000000000000000', 'err three'),
]);

const collections: Readonly<Record<string, readonly [string, readonly unknown[]]>> = {
  nodes: ['node', nodes],
  services: ['service', services],
  secrets: ['secret', secrets],
  configs: ['config', configs],
};

function read(path: string, url: URL): Answer {
  const [kind = '', name = '', more] = path
    .split('/')
    .filter((part) => part !== '')
    .map(decodeURIComponent);
  if (more === 'logs') return { body: logs };
  if (kind === 'info') return { body: info };
  if (kind === 'distribution') return { status: 403, body: { message: 'no registry' } };
  if (kind === 'swarm' && name === 'unlockkey') return { body: { UnlockKey: 'SWMKEY-1-abc' } };
  if (kind === 'swarm') return { body: swarm };
  if (kind === 'networks') return networkAnswer(name, url);
  if (kind === 'tasks') return taskAnswer(name, url);
  const [singular, items] = collections[kind] ?? ['thing', []];
  return name === '' ? filtered(url, items as Named[]) : one(singular, items as Named[], name);
}

function networkAnswer(name: string, url: URL): Answer {
  if (name === '')
    return { body: networks.filter(({ Labels }) => holds(filtersOf(url).label, hasLabel(Labels))) };
  const found = networks.find(({ Id, Name }) => Id === name || Name === name);
  return found === undefined ? missing('network', name) : { body: found };
}

function taskAnswer(name: string, url: URL): Answer {
  if (name !== '') {
    const found = tasks.find(({ ID }) => ID === name);
    return found === undefined ? missing('task', name) : { body: found };
  }
  const { service, node, label } = filtersOf(url);
  const shop = services.filter(({ Spec }) => holds(label, hasLabel(Spec.Labels)));
  const kept = tasks.filter(
    ({ ServiceID, NodeID }: { ServiceID: string; NodeID: string }) =>
      holds(service, (value) => value === ServiceID) &&
      holds(node, (value) => value === NodeID) &&
      shop.some(({ ID }) => ID === ServiceID),
  );
  return { body: kept };
}

function written(method: string, path: string): Answer {
  if (method === 'DELETE')
    return { status: path.includes('nothere') ? 404 : 200, body: missing('thing', 'nothere').body };
  if (path === '/swarm/init') return { body: 'nodea00000000000000000000' };
  if (path === '/services/create')
    return { status: 201, body: { ID: 'plain00000000000000000000', Warnings: ['a warning'] } };
  if (path.endsWith('/create')) return { status: 201, body: { ID: 'made', Id: 'made' } };
  return { body: path.startsWith('/services') ? { Warnings: null } : '' };
}

function requestOf(message: IncomingMessage, url: URL, text: string): Request {
  const query = Object.fromEntries(
    [...url.searchParams].map(([key, value]) => [key, key === 'filters' ? JSON.parse(value) : value]),
  );
  const auth = message.headers['x-registry-auth'];
  return {
    method: message.method ?? '',
    path: decodeURIComponent(url.pathname).replace(/^\/v1\.\d+/, ''),
    query,
    headers: typeof auth === 'string' ? { auth: auth.replace(/=+$/, '') } : {},
    body: text === '' ? undefined : JSON.parse(text),
  };
}

export function recordingEngine(): RecordingEngine {
  const requests: Request[] = [];
  const server = createServer((message, response) => {
    const chunks: Buffer[] = [];
    message.on('data', (chunk: Buffer) => chunks.push(chunk));
    message.on('end', () => {
      const url = new URL(message.url ?? '/', 'http://engine');
      const request = requestOf(message, url, Buffer.concat(chunks).toString());
      if (request.path !== '/_ping') requests.push(request);
      const isRead = request.method === 'GET' || request.method === 'HEAD';
      const { status = 200, body } = isRead ? read(request.path, url) : written(request.method, request.path);
      response.setHeader('Api-Version', '1.50');
      response.setHeader('Ostype', 'linux');
      response.setHeader('Swarm', 'active/manager');
      response.statusCode = status;
      if (Buffer.isBuffer(body))
        response.setHeader('Content-Type', 'application/vnd.docker.multiplexed-stream');
      else response.setHeader('Content-Type', 'application/json');
      response.end(Buffer.isBuffer(body) ? body : body === '' ? '' : JSON.stringify(body));
    });
  });
  return { requests, server };
}
