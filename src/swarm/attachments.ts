/** Standalone containers on attachable networks: a task stands for each. */
import { fail } from '../errors.ts';
import type { AttachmentRequest } from './assignments.ts';
import { type SwarmContext, timeText } from './context.ts';
import type { SwarmTask, SwarmTransition } from './records.ts';
import { findObject } from './references.ts';
import { newMeta } from './versions.ts';

/**
 * The leader gives the task its addresses, and moves it to `assigned`; where it cannot, to `rejected` with the reason. Until then
 * its attachment has the addresses that were asked for, without prefix length.
 */
export const attachContainer =
  (
    { nodeId, request }: { readonly nodeId: string; readonly request: AttachmentRequest },
    context: SwarmContext,
  ): SwarmTransition<SwarmTask> =>
  (view) => {
    const { id: networkId, network } = findObject(view, 'networks', request.network);
    if (network.ingress || !network.attachable)
      throw fail('SWARM_DENIED', `network ${network.name} not manually attachable`);
    const meta = newMeta(context);
    const put: SwarmTask = {
      ...meta,
      serviceId: '',
      service: { Name: request.name, Labels: {} },
      slot: 0,
      nodeId,
      spec: {
        NetworkAttachmentSpec: { ContainerID: request.containerId },
        Networks: [{ Target: networkId, Aliases: request.aliases }],
      },
      specVersion: 0,
      attachments: [
        {
          networkId,
          addresses: [request.ipv4, request.ipv6].filter((address) => address !== ''),
          mac: '',
          aliases: request.aliases,
        },
      ],
      ports: [],
      desiredState: 'running',
      status: { timestamp: meta.createdAt, state: 'new', message: 'created', error: '' },
    };
    return { changes: [{ table: 'tasks', put }], result: put };
  };

/** Without effect where it is gone, or is another node's. */
export const renameAttachment =
  (
    { nodeId, taskId, name }: { readonly nodeId: string; readonly taskId: string; readonly name: string },
    { now }: Pick<SwarmContext, 'now'>,
  ): SwarmTransition<void> =>
  (view) => {
    const task = view.get('tasks', taskId);
    if (task?.nodeId !== nodeId || task.serviceId !== '' || task.service.Name === name)
      return { changes: [], result: undefined };
    const put: SwarmTask = { ...task, service: { ...task.service, Name: name }, updatedAt: timeText(now) };
    return { changes: [{ table: 'tasks', put }], result: undefined };
  };

/** Without effect where it is gone, or is another node's. */
export const detachContainer =
  ({ nodeId, taskId }: { readonly nodeId: string; readonly taskId: string }): SwarmTransition<void> =>
  (view) => {
    const task = view.get('tasks', taskId);
    const isOwn = task?.nodeId === nodeId && task.serviceId === '';
    return { changes: isOwn ? [{ table: 'tasks', remove: taskId }] : [], result: undefined };
  };
