/**
 * An engine of plain records, for tests of the API: containers are entries of a map, and what is attached is a stream
 * of the test. What a test does not need is refused by name. `test/contract` holds it against the engine itself.
 */
import { type Duplex, PassThrough, Readable } from 'node:stream';
import type { ContainerDetail, ExitResult } from '../../src/engine/container-verbs.ts';
import type { NetworkDetail } from '../../src/engine/network-verbs.ts';
import type { PolicyVerbs } from '../../src/engine/policy-verbs.ts';
import type { SwarmVerbs } from '../../src/engine/swarm-verbs.ts';
import type { SystemVerbs } from '../../src/engine/system-verbs.ts';
import type { Engine } from '../../src/engine/verbs.ts';
import { fail } from '../../src/errors.ts';
import type { Container } from '../../src/model/container.ts';
import { createEvents } from '../../src/observe/events.ts';
import { Tracer } from '../../src/observe/trace.ts';
import { readDocument } from '../../src/policy/read-document.ts';
import { containerVerbs } from './memory-containers.ts';
import { execVerbs } from './memory-execs.ts';
import { imageVerbs } from './memory-images.ts';
import { memoryMap } from './memory-map.ts';
import { namespaceVerbs } from './memory-namespaces.ts';
import { networkVerbs } from './memory-networks.ts';
import { pluginVerbs } from './memory-plugins.ts';
import { portVerbs } from './memory-ports.ts';
import { memorySwarm } from './memory-swarm.ts';
import { volumeVerbs } from './memory-volumes.ts';
import { backend, bridge, detailOf, networkDetail, systemInfo } from './records.ts';

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

const system: SystemVerbs = {
  compare: async () => [],
  examine: async () => ({ compared: 0, findings: [] }),
  explain: async () => {
    throw fail('NOT_SUPPORTED', 'explain');
  },
  info: async () => systemInfo,
  version: async () => ({
    ...{ version: '0.1.0', runc: '1.1.5', conmon: '2.1.6', kernel: '6.1', arch: 'amd64' },
    ...{ buildTime: '', gitCommit: '' },
  }),
};

const policies: PolicyVerbs = {
  list: async () => [],
  get: async (name) => {
    throw fail('POLICY_NOT_FOUND', name);
  },
  apply: async (document) => readDocument(document).map(({ id }) => ({ name: id, as: 'created' })),
  remove: async (name) => {
    throw fail('POLICY_NOT_FOUND', name);
  },
  test: () => ({ allowed: true, network: '', steps: [] }),
};

export function createMemoryEngine({ swarm }: { readonly swarm?: SwarmVerbs } = {}): MemoryEngine {
  const details = new Map<string, ContainerDetail>();
  const waiting = new Map<string, (result: ExitResult) => void>();
  const calls: string[] = [];
  const networkDetails = [networkDetail(bridge), networkDetail(backend)];
  let time = 1_800_000_000_000_000_000n;
  const events = createEvents(() => {
    time += 1_000_000_000n;
    return time;
  });
  const stream = (): Duplex => engine.attached;
  const engine: MemoryEngine = {
    details,
    networkDetails,
    calls,
    attached: new PassThrough(),
    exit: (id, exitCode) => waiting.get(id)?.({ exitCode, error: '' }),
    networks: networkVerbs(networkDetails, calls),
    namespaces: namespaceVerbs(calls),
    cluster: {
      nodes: () => [],
      forget: async (ref) => void calls.push(`cluster forget ${ref}`),
    },
    swarm: swarm ?? memorySwarm({ calls }),
    ports: portVerbs(calls),
    containers: containerVerbs({ details, calls, waiting, stream }),
    execs: execVerbs({ details, stream }, events),
    images: imageVerbs(calls),
    volumes: volumeVerbs(),
    ...{ plugins: pluginVerbs(calls), policies },
    capture: { open: ({ what }) => Readable.from([what]) },
    map: memoryMap,
    ...{ system, events, tracer: new Tracer(), metrics: { families: async () => [] } },
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
