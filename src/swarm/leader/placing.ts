/** Which node a task runs on: filters in Docker's order, and its words where none is left. */

import { attribute, meets } from '../constraints.ts';
import { timeOf } from '../context.ts';
import type { SwarmNode, SwarmTask } from '../records.ts';
import { hostPortsOf } from './loads.ts';
import { takesTasks } from './tasks.ts';
import type { Work } from './work.ts';

interface Filter {
  readonly passes: (task: SwarmTask, node: SwarmNode, work: Work) => boolean;
  readonly explain: (count: number) => string;
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
  { passes: hasResources, explain: onNodes('insufficient resources') },
  { passes: hasPlugins, explain: onNodes('missing plugin') },
  {
    passes: ({ spec }, node) => meets(node, spec.Placement?.Constraints),
    explain: onNodes('scheduling constraints not satisfied'),
  },
  { passes: isOfPlatform, explain: onNodes('unsupported platform') },
  { passes: hasFreePorts, explain: onNodes('host-mode port already in use') },
  { passes: hasRoom, explain: () => 'max replicas per node limit exceed' },
];

function hasResources({ spec }: SwarmTask, node: SwarmNode, work: Work): boolean {
  const { NanoCPUs = 0, MemoryBytes = 0, GenericResources = [] } = spec.Resources?.Reservations ?? {};
  if (GenericResources.length > 0) return false;
  const load = work.ledger.loads.of(node.id);
  const { nanoCpus = 0, memoryBytes = 0 } = node.description?.resources ?? {};
  // a node that has more than it can bear takes those that ask for nothing
  return (
    (NanoCPUs === 0 || NanoCPUs <= nanoCpus - load.nanoCpus) &&
    (MemoryBytes === 0 || MemoryBytes <= memoryBytes - load.memoryBytes)
  );
}

function hasPlugins({ spec }: SwarmTask, node: SwarmNode): boolean {
  const plugins = node.description?.engine.plugins ?? [];
  const has = (type: string, name: string): boolean =>
    plugins.some((one) => one.type === type && (one.name === name || one.name === `${name}:latest`));
  const volumes = (spec.ContainerSpec?.Mounts ?? []).flatMap((mount) =>
    mount.Type === 'volume' ? (mount.VolumeOptions?.DriverConfig?.Name ?? []) : [],
  );
  const log = spec.LogDriver?.Name ?? '';
  const knowsLogs = plugins.some(({ type }) => type === 'Log');
  return (
    volumes.every((name) => name === '' || name === 'local' || has('Volume', name)) &&
    (log === '' || log === 'none' || !knowsLogs || has('Log', log))
  );
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

function hasFreePorts({ ports }: SwarmTask, node: SwarmNode, work: Work): boolean {
  const { hostPorts } = work.ledger.loads.of(node.id);
  const busy = node.description?.busyPorts ?? [];
  return hostPortsOf(ports).every((port) => !hostPorts.has(port) && !busy.includes(port));
}

function hasRoom({ spec, serviceId }: SwarmTask, node: SwarmNode, work: Work): boolean {
  const most = spec.Placement?.MaxReplicas ?? 0;
  return most === 0 || (work.ledger.loads.of(node.id).byService.get(serviceId) ?? 0) < most;
}

export interface Place {
  readonly node?: SwarmNode;
  /** Why there is none. */
  readonly problem: string;
}

/** For a task of a global service its node, if it fits. */
export function placeTask(work: Work, task: SwarmTask): Place {
  const own = task.nodeId === '' ? undefined : work.node(task.nodeId);
  const candidates = own ? [own] : [...work.view.all('nodes')];
  const failures = filters.map(() => 0);
  const fit = candidates.filter((node) => {
    const failed = filters.findIndex(({ passes }) => !passes(task, node, work));
    if (failed >= 0) failures[failed] = (failures[failed] ?? 0) + 1;
    return failed < 0;
  });
  const node = choose(work, task, fit);
  return node ? { node, problem: '' } : { problem: explain(failures) };
}

function explain(failures: readonly number[]): string {
  const reasons = filters
    .map((filter, i) => ({ filter, count: failures[i] ?? 0 }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count)
    .map(({ filter, count }) => filter.explain(count));
  return reasons.length === 0 ? 'no suitable node' : `no suitable node (${reasons.join('; ')})`;
}

/** Milliseconds in which failures of a service on a node count, and how many make it the last choice. */
const [lately, tooMany] = [5 * 60_000, 5];

function choose(work: Work, task: SwarmTask, fit: readonly SwarmNode[]): SwarmNode | undefined {
  if (fit.length < 2) return fit[0];
  const group = spread(work, task, fit);
  const failures = failuresByNode(work, task);
  const rank = ({ id }: SwarmNode): readonly number[] => {
    const load = work.ledger.loads.of(id);
    const failed = failures.get(id) ?? 0;
    return [failed >= tooMany ? failed : 0, load.byService.get(task.serviceId) ?? 0, load.tasks];
  };
  const ranked = group.map((node) => ({ node, rank: rank(node) }));
  ranked.sort((a, b) => compareRanks(a.rank, b.rank) || (a.node.id < b.node.id ? -1 : 1));
  return ranked[0]?.node;
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
  for (const [i, value] of a.entries()) if (value !== b[i]) return value - (b[i] ?? 0);
  return 0;
}

/** Of the values of each spread preference in turn, that with the fewest tasks of the service per its nodes' sum. */
function spread(work: Work, { spec, serviceId }: SwarmTask, fit: readonly SwarmNode[]): readonly SwarmNode[] {
  let group = fit;
  for (const { Spread } of spec.Placement?.Preferences ?? []) {
    if (!Spread) continue;
    const branches = new Map<string, { readonly nodes: SwarmNode[]; tasks: number }>();
    for (const node of group) {
      const value = attribute(node, Spread.SpreadDescriptor) ?? '';
      const branch = branches.get(value) ?? { nodes: [], tasks: 0 };
      branch.nodes.push(node);
      branches.set(value, branch);
    }
    // tasks on nodes that are full or paused count for their branch, too
    for (const node of work.view.all('nodes')) {
      const branch = branches.get(attribute(node, Spread.SpreadDescriptor) ?? '');
      if (branch) branch.tasks += work.ledger.loads.of(node.id).byService.get(serviceId) ?? 0;
    }
    const least = [...branches.values()].sort((a, b) => a.tasks - b.tasks)[0];
    group = least?.nodes ?? group;
  }
  return group;
}

function failuresByNode(work: Work, { serviceId }: SwarmTask): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { nodeId, status } of work.view.tasksOfService(serviceId)) {
    const failed = status.state === 'failed' || status.state === 'rejected';
    if (failed && work.now - timeOf(status.timestamp) < lately)
      counts.set(nodeId, (counts.get(nodeId) ?? 0) + 1);
  }
  return counts;
}
