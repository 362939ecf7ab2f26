/** Which nodes a task can run on: filters in Docker's order, and its words where none is left. */
import { meets } from '../constraints.ts';
import type { SwarmNode, SwarmTask } from '../records.ts';
import { hostPortsOf } from './loads.ts';
import { takesTasks } from './tasks.ts';
import type { Work } from './work.ts';

/** How a filter tells of the nodes that it has left out; `detail` names what the task asks for. */
interface Filter {
  readonly passes: (task: SwarmTask, node: SwarmNode, work: Work) => boolean;
  readonly explain: (count: number) => string;
  readonly detail?: (task: SwarmTask, left: readonly SwarmNode[], work: Work) => readonly string[];
}

const onNodes =
  (what: string) =>
  (count: number): string =>
    `${what} on ${count === 1 ? '1 node' : `${count} nodes`}`;

const filters: readonly Filter[] = [
  {
    passes: (_task, node) => takesTasks(node),
    explain: (count) => `${count === 1 ? '1 node' : `${count} nodes`} not available for new tasks`,
  },
  { passes: hasResources, explain: onNodes('insufficient resources'), detail: missingResources },
  {
    passes: (task, node) => missingPlugins(task, node).length === 0,
    explain: onNodes('missing plugin'),
    detail: (task, left) => left.flatMap((node) => missingPlugins(task, node)),
  },
  {
    passes: ({ spec }, node) => meets(node, spec.Placement?.Constraints),
    explain: onNodes('scheduling constraints not satisfied'),
    detail: ({ spec }, left) =>
      (spec.Placement?.Constraints ?? []).filter((one) => left.some((node) => !meets(node, [one]))),
  },
  {
    passes: isOfPlatform,
    explain: onNodes('unsupported platform'),
    detail: ({ spec }) =>
      (spec.Placement?.Platforms ?? []).map(({ OS = '', Architecture = '' }) => `${OS}/${Architecture}`),
  },
  {
    passes: (task, node, work) => busyPorts(task, node, work).length === 0,
    explain: onNodes('host-mode port already in use'),
    detail: (task, left, work) => left.flatMap((node) => busyPorts(task, node, work)),
  },
  { passes: hasRoom, explain: () => 'max replicas per node limit exceed' },
];

function free(
  { id, description }: SwarmNode,
  work: Work,
): { readonly cpus: number; readonly memory: number } {
  const load = work.ledger.loads.of(id);
  const { nanoCpus = 0, memoryBytes = 0 } = description?.resources ?? {};
  return { cpus: nanoCpus - load.nanoCpus, memory: memoryBytes - load.memoryBytes };
}

function hasResources({ spec }: SwarmTask, node: SwarmNode, work: Work): boolean {
  const { NanoCPUs = 0, MemoryBytes = 0, GenericResources } = spec.Resources?.Reservations ?? {};
  if (GenericResources?.length) return false;
  const { cpus, memory } = free(node, work);
  // a node that has more than it can bear takes those that ask for nothing
  return (NanoCPUs === 0 || NanoCPUs <= cpus) && (MemoryBytes === 0 || MemoryBytes <= memory);
}

const mebibytes = (bytes: number): string => `${Math.max(0, Math.floor(bytes / 2 ** 20))} MiB`;

function missingResources({ spec }: SwarmTask, left: readonly SwarmNode[], work: Work): readonly string[] {
  const { NanoCPUs = 0, MemoryBytes = 0, GenericResources } = spec.Resources?.Reservations ?? {};
  const cpus = Math.max(...left.map((node) => free(node, work).cpus));
  const memory = Math.max(...left.map((node) => free(node, work).memory));
  return [
    ...(NanoCPUs > cpus ? [`${NanoCPUs / 1e9} CPUs asked, ${Math.max(0, cpus) / 1e9} free at most`] : []),
    ...(MemoryBytes > memory
      ? [`${mebibytes(MemoryBytes)} of memory asked, ${mebibytes(memory)} free at most`]
      : []),
    ...(GenericResources?.length ? ['no node has generic resources'] : []),
  ];
}

function missingPlugins({ spec }: SwarmTask, node: SwarmNode): readonly string[] {
  const plugins = node.description?.engine.plugins ?? [];
  const lacks = (type: string, name: string): boolean =>
    !plugins.some((one) => one.type === type && (one.name === name || one.name === `${name}:latest`));
  const volumes = (spec.ContainerSpec?.Mounts ?? [])
    .flatMap((mount) => (mount.Type === 'volume' ? (mount.VolumeOptions?.DriverConfig?.Name ?? []) : []))
    .filter((name) => name !== '' && name !== 'local' && lacks('Volume', name));
  const log = spec.LogDriver?.Name ?? '';
  const knowsLogs = plugins.some(({ type }) => type === 'Log');
  return log === '' || log === 'none' || !knowsLogs || !lacks('Log', log) ? volumes : [...volumes, log];
}

const architectures: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64' };
const normal = (architecture: string): string => architectures[architecture] ?? architecture;

function isOfPlatform({ spec }: SwarmTask, { description }: SwarmNode): boolean {
  const platforms = spec.Placement?.Platforms ?? [];
  const { architecture = '', os = '' } = description?.platform ?? {};
  return (
    platforms.length === 0 ||
    platforms.some(
      ({ Architecture = '', OS = '' }) =>
        (Architecture === '' || normal(Architecture) === normal(architecture)) && (OS === '' || OS === os),
    )
  );
}

function busyPorts({ ports }: SwarmTask, node: SwarmNode, work: Work): readonly string[] {
  const { hostPorts } = work.ledger.loads.of(node.id);
  const busy = node.description?.busyPorts ?? [];
  return hostPortsOf(ports).filter((port) => hostPorts.has(port) || busy.includes(port));
}

function hasRoom({ spec, serviceId }: SwarmTask, node: SwarmNode, work: Work): boolean {
  const most = spec.Placement?.MaxReplicas ?? 0;
  return most === 0 || (work.ledger.loads.of(node.id).byService.get(serviceId) ?? 0) < most;
}

export interface Filtered {
  readonly fit: readonly SwarmNode[];
  /** Why no other one is; '' where it is not needed. */
  readonly problem: string;
}

export function filterNodes(work: Work, task: SwarmTask, candidates: readonly SwarmNode[]): Filtered {
  const left = filters.map((): SwarmNode[] => []);
  const fit = candidates.filter((node) => {
    const failed = filters.findIndex(({ passes }) => !passes(task, node, work));
    if (failed >= 0) left[failed]?.push(node);
    return failed < 0;
  });
  return { fit, problem: fit.length > 0 ? '' : explain(work, task, left) };
}

/** Docker's words, and then what they are about: `no suitable node (insufficient resources on 1 node): 9 CPUs asked, ...`. */
function explain(work: Work, task: SwarmTask, left: readonly (readonly SwarmNode[])[]): string {
  const failures = filters
    .map((filter, i) => ({ filter, nodes: left[i] ?? [] }))
    .filter(({ nodes }) => nodes.length > 0)
    .sort((a, b) => b.nodes.length - a.nodes.length);
  if (failures.length === 0) return 'no suitable node';
  const reasons = failures.map(({ filter, nodes }) => filter.explain(nodes.length)).join('; ');
  const details = failures.flatMap(({ filter, nodes }) => filter.detail?.(task, nodes, work) ?? []);
  const named = [...new Set(details)].join(', ');
  return `no suitable node (${reasons})${named === '' ? '' : `: ${named}`}`;
}
