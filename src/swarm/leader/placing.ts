/** Which node a task runs on. */

import { attribute } from '../constraints.ts';
import { timeOf } from '../context.ts';
import type { SwarmNode, SwarmTask } from '../records.ts';
import { filterNodes } from './filters.ts';
import type { Work } from './work.ts';

export interface Place {
  readonly node?: SwarmNode;
  /** Why there is none. */
  readonly problem: string;
}

/** For a task of a global service its node, if it fits. */
export function placeTask(work: Work, task: SwarmTask): Place {
  const own = task.nodeId === '' ? undefined : work.node(task.nodeId);
  const candidates = own ? [own] : [...work.view.all('nodes')];
  const { fit, problem } = filterNodes(work, task, candidates);
  const node = choose(work, task, fit);
  return node ? { node, problem } : { problem };
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
