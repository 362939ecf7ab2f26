/** What nodes report of their tasks. */
import type { TaskReport } from './assignments.ts';
import { type SwarmContext, timeText } from './context.ts';
import type { SwarmChange, SwarmTask, SwarmTransition } from './records.ts';
import { compareStates } from './task-state.ts';

/**
 * The result are the tasks that changed. A node's reports of tasks that are not its own do not count, and a task goes forward
 * only. Times are the manager's, so that all decisions stand on one clock.
 */
export const reportTasks =
  (
    { nodeId, reports }: { readonly nodeId: string; readonly reports: readonly TaskReport[] },
    { now }: Pick<SwarmContext, 'now'>,
  ): SwarmTransition<readonly SwarmTask[]> =>
  (view) => {
    const timestamp = timeText(now);
    const changed = new Map<string, SwarmTask>();
    for (const { taskId, status } of reports) {
      const task = changed.get(taskId) ?? view.get('tasks', taskId);
      if (!task || task.nodeId !== nodeId) continue;
      const order = compareStates(status.state, task.status.state);
      if (order < 0 || (order === 0 && same(task.status, status))) continue;
      const at = order === 0 ? task.status.timestamp : timestamp;
      const runs = status.state === 'running' && !task.runningSince ? { runningSince: timestamp } : {};
      changed.set(taskId, { ...task, ...runs, updatedAt: timestamp, status: { ...status, timestamp: at } });
    }
    const result = [...changed.values()];
    return { changes: result.map((put) => ({ table: 'tasks', put }) satisfies SwarmChange), result };
  };

const same = (a: SwarmTask['status'], b: SwarmTask['status']): boolean =>
  JSON.stringify({ ...a, timestamp: '' }) === JSON.stringify({ ...b, timestamp: '' });
