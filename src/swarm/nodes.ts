/** Transitions of nodes that users ask for. Who may be removed as a member of the managers' store is checked by its manager. */
import { fail } from '../errors.ts';
import { type SwarmContext, timeText } from './context.ts';
import { revokePeer } from './peer-certificates.ts';
import type { SwarmChange, SwarmNode, SwarmTask, SwarmTransition, SwarmView } from './records.ts';
import type { NodeSpec } from './spec.ts';
import { isOver } from './task-state.ts';
import { current } from './versions.ts';

export const updateNode =
  (
    update: { readonly id: string; readonly version: number; readonly spec: NodeSpec },
    context: SwarmContext,
  ): SwarmTransition<SwarmNode> =>
  (view) => {
    const before = seen(view, update);
    if (before.spec.Role === 'manager' && update.spec.Role === 'worker') refuseLoss(view, before);
    const specChangedAfter = before.version;
    const put: SwarmNode = {
      ...before,
      spec: update.spec,
      specChangedAfter,
      updatedAt: timeText(context.now),
    };
    return { changes: [{ table: 'nodes', put }], result: put };
  };

/**
 * What nodes and managers tell of themselves changes the record all the time: an update counts that has seen the spec of now.
 * Throws SWARM_OBJECT_NOT_FOUND and SWARM_OUT_OF_SEQUENCE.
 */
function seen(
  view: SwarmView,
  { id, version }: { readonly id: string; readonly version: number },
): SwarmNode {
  const node = view.get('nodes', id);
  const hasSeen = node && version < node.version && version > (node.specChangedAfter ?? node.version);
  return hasSeen ? node : current(view, 'nodes', { id, version });
}

/** Throws SWARM_PRECONDITION where those that are left could not go on. */
function refuseLoss(view: SwarmView, node: SwarmNode): void {
  const managers = managersOf(view);
  if (managers.length === 1)
    throw fail('SWARM_PRECONDITION', 'attempting to demote the last manager of the swarm');
  if (!node.manager) return;
  const left = managers.filter(({ id, manager }) => id !== node.id && manager);
  const reachable = left.filter(({ manager }) => manager?.reachability === 'reachable').length;
  if (reachable <= left.length / 2)
    throw fail(
      'SWARM_PRECONDITION',
      "can't remove member from the raft: this would result in a loss of quorum",
    );
}

const managersOf = (view: SwarmView): readonly SwarmNode[] =>
  Array.from(view.all('nodes')).filter(({ spec }) => spec.Role === 'manager');

/** Its tasks are told to nobody more: they end with it. */
export const removeNode =
  (
    { id, force }: { readonly id: string; readonly force: boolean },
    context: SwarmContext,
  ): SwarmTransition<SwarmNode> =>
  (view) => {
    const node = view.get('nodes', id);
    if (!node) throw fail('SWARM_OBJECT_NOT_FOUND', 'node', id);
    if (node.spec.Role === 'manager' && node.manager)
      throw fail(
        'SWARM_PRECONDITION',
        `node ${id} is a cluster manager and is a member of the raft cluster. It must be demoted to worker before removal`,
      );
    if (!force && node.status.state === 'ready')
      throw fail('SWARM_PRECONDITION', `node ${id} is not down and can't be removed`);
    const orphans = Array.from(view.tasksOfNode(id)).filter((task) => !isOver(task));
    return {
      changes: [
        ...orphans.map((task) => orphan(task, context)),
        ...revokePeer(view, node, context.now),
        { table: 'nodes', remove: id } satisfies SwarmChange,
      ],
      result: node,
    };
  };

function orphan(task: SwarmTask, { now }: SwarmContext): SwarmChange {
  const at = timeText(now);
  const status: SwarmTask['status'] = {
    timestamp: at,
    state: 'orphaned',
    message: 'Task belonged to a node that has been deleted',
    error: '',
  };
  return { table: 'tasks', put: { ...task, updatedAt: at, status } };
}
