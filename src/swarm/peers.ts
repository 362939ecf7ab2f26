/** Tasks as other nodes see them: endpoints of their networks. */
import { createHash } from 'node:crypto';
import { type Node, usualDataPort } from '../model/node.ts';
import type { Peer } from '../model/peer.ts';
import { isLive } from './given-task.ts';
import type { SwarmNode, SwarmTask } from './records.ts';
import { isWanted } from './task-state.ts';
import { taskName } from './templates.ts';

interface Known {
  readonly nodeId: string;
  /** Of the service, or of the container where there is none. */
  readonly service: string;
  readonly peers: readonly Peer[];
}

/** By attachments, which a record keeps while all else of it changes. */
const known = new WeakMap<SwarmTask['attachments'], Known>();

/** Of each of its networks that gives addresses. */
export function peersOf(task: SwarmTask): readonly Peer[] {
  const before = known.get(task.attachments);
  const { nodeId, service } = task;
  if (before?.nodeId === nodeId && before.service === service.Name) return before.peers;
  const name = task.serviceId === '' ? task.service.Name : taskName(task);
  const container = task.spec.NetworkAttachmentSpec?.ContainerID.slice(0, 12);
  const peers = task.attachments
    .filter(({ addresses }) => addresses.length > 0)
    .map(({ networkId, addresses, mac, aliases }): Peer => {
      // aliases of a service lead to its virtual address
      const own = container === undefined ? [task.id.slice(0, 12)] : [container, ...aliases];
      return {
        id: createHash('sha256').update(`${task.id} ${networkId}`).digest('hex'),
        networkId,
        nodeId: task.nodeId,
        name,
        dnsNames: [...new Set([name, ...own])],
        addresses,
        mac,
      };
    });
  known.set(task.attachments, { nodeId, service: service.Name, peers });
  return peers;
}

/** Others send to it. A node that is down is told first that its tasks were moved. */
export const isReached = (task: SwarmTask, node: SwarmNode | undefined): boolean =>
  isLive(task) && node !== undefined && (isWanted(task) || node.status.state !== 'down');

/** Undefined for one that has not said where its tunnels end. */
export function modelNode(
  { id, description, status, number }: SwarmNode,
  dataPort = usualDataPort,
): Node | undefined {
  if (!description || (!description.data4 && !description.data6)) return undefined;
  const { hostname, data4, data6, mtu, tunnelKey } = description;
  return {
    id,
    name: hostname,
    advertise: status.address,
    ...(data4 ? { data4 } : {}),
    ...(data6 ? { data6 } : {}),
    instance: '',
    mtu,
    ...(dataPort === usualDataPort ? {} : { dataPort }),
    ...(tunnelKey ? { key: tunnelKey } : {}),
    ...(number > 0 ? { number } : {}),
  };
}
