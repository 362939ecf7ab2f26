/**
 * An engine of plain records, for tests of the API: containers are entries of a map and their one process
 * is `cat`, done in memory. What a test does not need is refused by name.
 */
import { type Duplex, PassThrough, Readable } from 'node:stream';
import type {
  ContainerDetail,
  ContainerUpdate,
  ContainerVerbs,
  ExitResult,
} from '../../engine/container-verbs.ts';
import type { ExecDetail } from '../../engine/exec-verbs.ts';
import type { NamespaceVerbs } from '../../engine/namespace-verbs.ts';
import type { NetworkDetail } from '../../engine/network-verbs.ts';
import type { Engine } from '../../engine/verbs.ts';
import { fail } from '../../errors.ts';
import type { Container } from '../../model/container.ts';
import { createEvents, type Events } from '../../observe/events.ts';
import { backend, bridge, busybox, detailOf, hex, networkDetail, running, systemInfo } from './records.ts';

export interface MemoryEngine extends Engine {
  readonly details: Map<string, ContainerDetail>;
  readonly networkDetails: NetworkDetail[];
  /** What was asked, a line per verb. */
  readonly calls: string[];
  /** Let everybody who waits for this container go on. */
  exit(id: string, exitCode: number): void;
  /** Where tests see and feed attached streams. */
  attached: Duplex;
}

const refuse = (what: string) => (): never => {
  throw fail('NOT_SUPPORTED', what);
};

function setState(
  details: Map<string, ContainerDetail>,
  detail: ContainerDetail,
  state: Container['state'],
): void {
  details.set(detail.container.id, { ...detail, container: { ...detail.container, state } });
}

type Find = (ref: string) => ContainerDetail;

function finder(details: Map<string, ContainerDetail>): Find {
  return (ref) => {
    const found = [...details.values()].find(
      ({ container }) => container.name === ref || (ref !== '' && container.id.startsWith(ref)),
    );
    if (!found) throw fail('CONTAINER_NOT_FOUND', ref);
    return found;
  };
}

const namespaceVerbs = (calls: string[]): NamespaceVerbs => ({
  list: () => [],
  connect: refuse('connecting a namespace'),
  disconnect: async (network, wanted) => void calls.push(`detach ${network} ${JSON.stringify(wanted)}`),
});

/** Verbs that only note that they were asked. */
function notedVerbs(get: Find, calls: string[]) {
  const note =
    (verb: string) =>
    async (ref: string, ...rest: unknown[]): Promise<void> => {
      calls.push([verb, get(ref).container.name, ...rest.map((item) => JSON.stringify(item))].join(' '));
    };
  return {
    stop: note('stop'),
    restart: note('restart'),
    kill: note('kill'),
    pause: note('pause'),
    unpause: note('unpause'),
    rename: note('rename'),
    remove: note('remove'),
    resize: note('resize'),
    update: async (ref: string, update: ContainerUpdate): Promise<readonly string[]> => {
      await note('update')(ref, update);
      return [];
    },
  };
}

/** Verbs that answer the same whatever is asked. */
const fixedVerbs = {
  async *logs() {
    yield Buffer.from('hello\n');
  },
  top: async () => ({ titles: ['PID'], processes: [['1']] }),
  stats: async () => undefined,
  changes: async () => [{ path: '/etc/x', kind: 1 as const }],
  size: async () => ({ rw: 1, rootFs: 2 }),
  export: async () => Readable.from(['tar']),
  statPath: async (_ref: string, path: string) => ({
    name: path,
    size: 3,
    mode: 420,
    mtime: '2026-01-01T00:00:00Z',
    linkTarget: '',
  }),
  readArchive: refuse('readArchive'),
  commit: async () => busybox,
};

function containerVerbs(own: {
  details: Map<string, ContainerDetail>;
  calls: string[];
  waiting: Map<string, (result: ExitResult) => void>;
  stream: () => Duplex;
}): ContainerVerbs {
  const { details, calls, waiting } = own;
  const get = finder(details);
  return {
    ...fixedVerbs,
    ...notedVerbs(get, calls),
    list: () => [...details.values()],
    get,
    async create(draft) {
      calls.push(`create ${draft.name}`);
      return { id: hex('d'), warnings: [] };
    },
    async start(ref) {
      const detail = get(ref);
      if (detail.container.state.status === 'running') throw fail('CONTAINER_ALREADY');
      setState(details, detail, running());
    },
    wait: (ref) => new Promise((resolve) => waiting.set(get(ref).container.id, resolve)),
    attach: async () => own.stream(),
    async writeArchive(ref, path, archive) {
      let size = 0;
      for await (const chunk of archive) size += (chunk as Buffer).length;
      calls.push(`writeArchive ${get(ref).container.name} ${path} ${size}`);
    },
    prune: async (matches) => {
      const gone = [...details.values()].filter(({ container }) => matches(container));
      return { removed: gone.map(({ container }) => container.id), bytes: 0 };
    },
  };
}

function networkVerbs(all: NetworkDetail[], calls: string[]): Engine['networks'] {
  const get = (ref: string): NetworkDetail => {
    const found = all.find(({ network }) => network.name === ref || network.id === ref);
    if (!found) throw fail('NETWORK_NOT_FOUND', ref);
    return found;
  };
  return {
    list: () => all,
    get,
    usage: (ref) => get(ref).network.ipam.pools.map(({ subnet }) => ({ subnet, used: 3n, free: 2n ** 70n })),
    async create(draft) {
      calls.push(`network create ${JSON.stringify(draft)}`);
      return { id: hex('f'), warning: '' };
    },
    async remove(ref) {
      const { network } = get(ref);
      if (network.predefined) throw fail('NETWORK_PREDEFINED', network.name);
    },
    async connect(ref, container, asked) {
      calls.push(`connect ${get(ref).network.name} ${container} ${JSON.stringify(asked)}`);
    },
    async disconnect(ref, container) {
      calls.push(`disconnect ${get(ref).network.name} ${container}`);
    },
    prune: async (matches) => all.flatMap(({ network }) => (matches(network) ? [network.name] : [])),
  };
}

function imageVerbs(calls: string[]): Engine['images'] {
  const get = (ref: string): typeof busybox => {
    if (ref !== 'busybox') throw fail('IMAGE_NOT_FOUND', ref);
    return busybox;
  };
  return {
    list: () => [{ image: busybox, containers: 1 }],
    get,
    ask: async (ref) => get(ref),
    async import(archive, options) {
      archive.resume();
      calls.push(`import ${options.reference}`);
      return busybox;
    },
    async load(archive, progress) {
      // as readers of archives do, it stops where something is wrong, in the middle
      for await (const chunk of archive.iterator({ destroyOnReturn: false }))
        if (String(chunk).startsWith('bad')) throw fail('IMAGE_INVALID', 'bad archive');
      progress({ stream: 'Loaded image: busybox:latest\n' });
    },
    async save(refs) {
      for (const ref of refs) if (ref !== 'busybox') throw fail('IMAGE_NOT_FOUND', ref);
      return Readable.from(['tar']);
    },
    async pull(ref, _options, progress) {
      progress({ status: `Pulling ${ref}` });
      throw fail('IMAGE_NOT_FOUND', ref);
    },
    async push(ref, _options, progress) {
      progress({ status: `Pushing ${ref}` });
      throw fail('IMAGE_NOT_FOUND', ref);
    },
    async signIn(address, auth) {
      calls.push(`signIn ${address} ${auth.username}`);
    },
    async tag(ref, reference) {
      calls.push(`tag ${ref} ${reference}`);
    },
    remove: async (ref) => [{ untagged: ref }],
    prune: async () => ({ removed: [], bytes: 0 }),
  };
}

const volume = {
  name: 'v1',
  driver: 'local',
  created: '2026-01-01T00:00:00.123456789Z',
  labels: {},
  options: {},
  mountpoint: '/v1/_data',
  anonymous: false,
};

const volumes: Engine['volumes'] = {
  list: () => [{ volume, usedBy: [] }],
  get: () => ({ volume, usedBy: [] }),
  create: async () => volume,
  remove: async () => undefined,
  size: async () => 0,
  prune: async () => ({ removed: ['v1'], bytes: 5 }),
};

/** The exit of an exec is known a little later than the end of its output, as in life. */
function execVerbs(stream: () => Duplex, events: Events): Engine['execs'] {
  const all = new Map<string, ExecDetail>();
  const get = (id: string): ExecDetail => {
    const found = all.get(id);
    if (!found) throw fail('EXEC_NOT_FOUND', id);
    return found;
  };
  return {
    async create(containerId, draft) {
      all.set(hex('9'), { id: hex('9'), containerId, draft, running: false, exitCode: undefined, pid: 0 });
      return hex('9');
    },
    get,
    refuseStart: (id) => void get(id),
    async start(id, { detach }) {
      all.set(id, { ...get(id), running: true });
      const attached = stream();
      const ended = (): void => {
        all.set(id, { ...get(id), running: false, exitCode: 0 });
        events.emit({ type: 'container', action: 'exec_die', id: '', attributes: { execID: id } });
      };
      attached.once('end', () => setTimeout(ended, 50));
      return detach ? undefined : attached;
    },
    resize: async () => undefined,
  };
}

/** No plugin is there. */
function pluginVerbs(calls: string[]): Engine['plugins'] {
  const absent = (name: string) => fail('PLUGIN_NOT_FOUND', name);
  const refuse = async (name: string): Promise<never> => {
    throw absent(name);
  };
  return {
    list: () => [],
    get: (name) => {
      throw absent(name);
    },
    create: async (name) => void calls.push(`create plugin ${name}`),
    ...{ enable: refuse, disable: refuse, set: refuse, remove: refuse, push: refuse },
    privileges: async () => [],
    localName: (_remote, name) => name,
    pull: ({ remote }) => refuse(remote),
    upgrade: ({ name }) => refuse(name),
  };
}

const system: Engine['system'] = {
  info: async () => systemInfo,
  version: async () => ({
    version: '0.1.0',
    runc: '1.1.5',
    conmon: '2.1.6',
    kernel: '6.1',
    arch: 'amd64',
    buildTime: '',
    gitCommit: '',
  }),
};

export function createMemoryEngine(): MemoryEngine {
  const details = new Map<string, ContainerDetail>();
  const waiting = new Map<string, (result: ExitResult) => void>();
  const calls: string[] = [];
  const networkDetails = [networkDetail(bridge), networkDetail(backend)];
  let time = 1_800_000_000_000_000_000n;
  const events = createEvents(() => {
    time += 1_000_000_000n;
    return time;
  });
  const engine: MemoryEngine = {
    details,
    networkDetails,
    calls,
    attached: new PassThrough(),
    exit: (id, exitCode) => waiting.get(id)?.({ exitCode, error: '' }),
    networks: networkVerbs(networkDetails, calls),
    namespaces: namespaceVerbs(calls),
    containers: containerVerbs({ details, calls, waiting, stream: () => engine.attached }),
    execs: execVerbs(() => engine.attached, events),
    images: imageVerbs(calls),
    volumes,
    plugins: pluginVerbs(calls),
    system,
    events,
  };
  return engine;
}

/** Add a container to the engine. */
export function addContainer(
  engine: MemoryEngine,
  container: Container,
  more: Partial<ContainerDetail> = {},
): void {
  engine.details.set(container.id, detailOf(container, more));
}
