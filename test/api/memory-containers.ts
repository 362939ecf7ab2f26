import { type Duplex, Readable } from 'node:stream';
import type {
  ContainerDetail,
  ContainerUpdate,
  ContainerVerbs,
  ExitResult,
} from '../../src/engine/container-verbs.ts';
import { fail } from '../../src/errors.ts';
import type { Container, ContainerRequest } from '../../src/model/container.ts';
import { initialState } from '../../src/model/containers.ts';
import { busybox, detailOf, hex, refuse, running } from './records.ts';

export interface MemoryContainers {
  /** By id. */
  readonly details: Map<string, ContainerDetail>;
  /** What was asked, a line per verb. */
  readonly calls: string[];
  /** Those who wait for a container, by its id. */
  readonly waiting: Map<string, (result: ExitResult) => void>;
  /** What is given to whoever attaches. */
  readonly stream: () => Duplex;
}

type Find = (ref: string) => ContainerDetail;

export function finder(details: ReadonlyMap<string, ContainerDetail>): Find {
  return (ref) => {
    const found = [...details.values()].find(
      ({ container }) => container.name === ref || (ref !== '' && container.id.startsWith(ref)),
    );
    if (!found) throw fail('CONTAINER_NOT_FOUND', ref);
    return found;
  };
}

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
    resize: note('resize'),
    note,
    update: async (ref: string, update: ContainerUpdate): Promise<readonly string[]> => {
      await note('update')(ref, update);
      return [];
    },
  };
}

/** Verbs that answer the same of every container. */
function fixedVerbs(get: Find) {
  const fixed =
    <T>(answer: T) =>
    async (ref: string): Promise<T> => {
      get(ref);
      return answer;
    };
  return {
    async *logs() {
      yield Buffer.from('hello\n');
    },
    top: fixed({ titles: ['PID'], processes: [['1']] }),
    stats: fixed(undefined),
    changes: fixed([{ path: '/etc/x', kind: 1 as const }]),
    size: fixed({ rw: 1, rootFs: 2 }),
    export: fixed(Readable.from(['tar'])),
    async statPath(ref: string, path: string) {
      get(ref);
      return { name: path, size: 3, mode: 420, mtime: '2026-01-01T00:00:00Z', linkTarget: '' };
    },
    async readArchive(ref: string) {
      get(ref);
      return refuse('readArchive')();
    },
    commit: fixed(busybox),
  };
}

function recordOf({ name, config, hostConfig, networks }: ContainerRequest, id: string): Container {
  return {
    ...{ id, name: name || 'nameless', config, hostConfig, networks, image: busybox.id },
    ...{ created: '2026-01-01T00:00:00.000000000Z', state: initialState, restartCount: 0 },
    ...{ mounts: [], sandboxId: '', anonymousVolumes: [] },
  };
}

export function containerVerbs({ details, calls, waiting, stream }: MemoryContainers): ContainerVerbs {
  const get = finder(details);
  const { note, ...noted } = notedVerbs(get, calls);
  const put = ({ container, ...detail }: ContainerDetail, state: Container['state']): void =>
    void details.set(container.id, { ...detail, container: { ...container, state } });
  return {
    ...fixedVerbs(get),
    ...noted,
    list: () => [...details.values()],
    get,
    async create(request) {
      calls.push(`create ${request.name}`);
      if (request.config.Image !== 'busybox') throw fail('IMAGE_NOT_FOUND', request.config.Image);
      const taken = [...details.values()].find(({ container }) => container.name === request.name);
      if (taken) throw fail('CONTAINER_NAME_TAKEN', request.name, taken.container.id);
      details.set(hex('d'), detailOf(recordOf(request, hex('d'))));
      return { id: hex('d'), warnings: [] };
    },
    async start(ref) {
      const detail = get(ref);
      if (detail.container.state.status === 'running') throw fail('CONTAINER_ALREADY');
      put(detail, running());
    },
    async remove(ref, options) {
      const { container } = get(ref);
      await note('remove')(ref, options);
      if (container.state.status === 'running' && !options.force)
        throw fail('CONTAINER_RUNNING_REMOVE', ref, 'running');
      details.delete(container.id);
    },
    wait: (ref) => new Promise((resolve) => waiting.set(get(ref).container.id, resolve)),
    attach: async () => stream(),
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
