/** A standalone container gets its place on an attachable network once the leader has chosen it. */
import { fail } from '../errors.ts';
import type { Network } from '../model/network.ts';
import type { AttachmentRequest } from '../swarm/assignments.ts';
import { attachContainer } from '../swarm/attachments.ts';
import type { SwarmTask } from '../swarm/records.ts';
import { generate } from './generate.ts';
import type { ManagerStore } from './store.ts';

/** Milliseconds that the leader may take. */
const patience = 20_000;

const waiting: readonly string[] = ['new', 'allocated', 'pending'];

export interface Attached {
  readonly task: SwarmTask;
  readonly network: Network;
}

export async function attach(
  { store, now }: { readonly store: ManagerStore; readonly now: () => number },
  asking: { readonly nodeId: string; readonly request: AttachmentRequest },
): Promise<Attached> {
  const { id } = await store.transact(attachContainer(asking, { generate, now: now() }));
  const { promise, resolve, reject } = Promise.withResolvers<Attached>();
  const look = (): void => {
    const task = store.view.get('tasks', id);
    const network = store.view.get('networks', task?.attachments[0]?.networkId ?? '')?.network;
    if (!task) reject(fail('SWARM_UNKNOWN', 'the attachment was removed'));
    else if (task.status.state === 'rejected')
      reject(fail('SWARM_PRECONDITION', task.status.error || task.status.message));
    else if (network && !waiting.includes(task.status.state)) resolve({ task, network });
  };
  const stop = store.onChange(look);
  const timer = setTimeout(() => reject(fail('SWARM_DEADLINE')), patience);
  look();
  try {
    return await promise;
  } catch (thrown) {
    await store.transact((view) => ({
      changes: view.get('tasks', id) ? [{ table: 'tasks', remove: id }] : [],
      result: undefined,
    }));
    throw thrown;
  } finally {
    stop();
    clearTimeout(timer);
  }
}
