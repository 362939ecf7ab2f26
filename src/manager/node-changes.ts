/** Changes of node records that follow from their sessions. Pure. */
import { timeText } from '../swarm/context.ts';
import type { NodeDescription, NodeState, SwarmNode, SwarmTransition } from '../swarm/records.ts';

interface Told {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

const changing =
  (id: string, change: (node: SwarmNode) => SwarmNode): SwarmTransition<void> =>
  (view) => {
    const node = view.get('nodes', id);
    const put = node && change(node);
    return { changes: put && put !== node ? [{ table: 'nodes', put }] : [], result: undefined };
  };

const withState = (
  node: SwarmNode,
  { state, message, at }: { readonly state: NodeState; readonly message: string; readonly at: string },
): SwarmNode =>
  node.status.state === state && node.status.message === message
    ? node
    : { ...node, updatedAt: at, status: { ...node.status, state, message, since: at } };

export interface Begun extends Told {
  readonly managerId: string;
  readonly sessionId: string;
  /** As the manager sees it. */
  readonly address: string;
}

/** A node that is known becomes ready at once, a new one once it has described itself. */
export const sessionBegun = ({ id, now, managerId, sessionId, address }: Begun): SwarmTransition<void> =>
  changing(id, (node) => {
    const at = timeText(now);
    const begun: SwarmNode = {
      ...node,
      updatedAt: at,
      session: { managerId, id: sessionId },
      status: { ...node.status, address },
    };
    return node.description ? withState(begun, { state: 'ready', message: '', at }) : begun;
  });

export const described = ({ id, now }: Told, description: NodeDescription): SwarmTransition<void> =>
  changing(id, (node) => {
    if (node.status.state === 'ready' && JSON.stringify(node.description) === JSON.stringify(description))
      return node;
    const at = timeText(now);
    return withState({ ...node, updatedAt: at, description }, { state: 'ready', message: '', at });
  });

/** Without effect where another session has begun meanwhile. */
export const sessionLost = (
  { id, now }: Told,
  { sessionId, message }: { readonly sessionId: string; readonly message: string },
): SwarmTransition<void> =>
  changing(id, (node) => {
    if (node.session?.id !== sessionId) return node;
    return withState(node, { state: 'down', message, at: timeText(now) });
  });
