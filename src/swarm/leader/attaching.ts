/** Tasks that stand for standalone containers. */
import { timeOf } from '../context.ts';
import type { SwarmTask } from '../records.ts';
import { isOver } from '../task-state.ts';
import { attachTo } from './assigning.ts';
import { noAddress } from './endpoint.ts';
import type { Work } from './work.ts';

/** Milliseconds that one which has ended stays on record, so that who asked for it reads why. */
const kept = 60_000;

export function tendAttachment(work: Work, id: string): void {
  const task = work.view.get('tasks', id);
  if (!task) return;
  if (isOver(task)) forgetLater(work, task);
  else if (!work.node(task.nodeId)) work.removeTask(id);
  else if (task.status.state === 'new') place(work, task);
}

function forgetLater(work: Work, task: SwarmTask): void {
  const at = timeOf(task.status.timestamp) + kept;
  if (at <= work.now) work.removeTask(task.id);
  else work.wake(at);
}

function place(work: Work, task: SwarmTask): void {
  const [asked] = task.attachments;
  const network = asked && work.view.get('networks', asked.networkId);
  const found = network && attachTo(work, network, asked.addresses);
  if (!network) reject(work, task, 'network not found');
  else if (found)
    work.task({
      ...task,
      attachments: [{ ...asked, ...found }],
      status: { timestamp: work.at, state: 'assigned', message: 'scheduler confirmed task', error: '' },
    });
  else reject(work, task, asked.addresses.length > 0 ? 'Address already in use' : noAddress(network));
}

function reject(work: Work, task: SwarmTask, error: string): void {
  work.task({
    ...task,
    desiredState: 'shutdown',
    status: { timestamp: work.at, state: 'rejected', message: 'could not attach', error },
  });
}
