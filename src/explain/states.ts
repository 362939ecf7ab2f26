/** Causes in the state of one end. */
import type { Container } from '../model/container.ts';
import type { Cause } from './causes.ts';
import { type End, placeOf } from './ends.ts';

/** Why this end sends and answers nothing at all. */
export function stateCause(end: End): Cause | undefined {
  if (end.kind === 'service') return serviceCause(end);
  if (end.kind === 'peer') return nodeCause(end);
  if (end.kind !== 'container') return undefined;
  const { container, name } = end;
  const at = placeOf(end);
  const status = container?.state.status ?? 'running';
  if (container && status === 'paused')
    return {
      ...{ code: 'paused', at, cure: `seaway unpause ${name}` },
      sentence: `container ${name} is paused`,
    };
  if (container && status === 'restarting')
    return {
      ...{ code: 'restarting', at, cure: `seaway logs ${name}` },
      sentence: `container ${name} is restarting: its last run ended with status ${container.state.exitCode}${container.state.oomKilled ? ', because it was out of memory' : ''}`,
    };
  if (container && status !== 'running') return stopped(container, at);
  return lostCause(end, at) ?? networkCause(end, at);
}

function stopped({ name, state }: Container, at: string): Cause {
  const port = /(?:port is already allocated|failed to bind host port for (\S+):)/.exec(state.error);
  if (port)
    return {
      ...{ code: 'port-held', at: 'this host' },
      sentence: `container ${name} could not start, because another program has its port (${state.error})`,
      cure: 'ss -ltnup names the program: stop it, or publish another port',
    };
  const killed = state.oomKilled ? ', because it was out of memory' : '';
  const ended = state.status === 'exited' ? `: it ended with status ${state.exitCode}${killed}` : '';
  return {
    ...{ code: 'not-running', at, cure: `seaway start ${name}` },
    sentence: `container ${name} does not run (${state.status})${ended}`,
  };
}

/** The cluster has given its address to somebody else. */
function lostCause({ container, name }: Extract<End, { kind: 'container' }>, at: string): Cause | undefined {
  for (const { network, kept } of container?.networks ?? [])
    if (kept?.lost)
      return {
        ...{ code: 'address-missing', at, cure: `seaway restart ${name}` },
        sentence: `container ${name} was taken off network ${network}: ${kept.lost.why}`,
      };
  return undefined;
}

function networkCause(
  { endpoints, name }: Extract<End, { kind: 'container' }>,
  at: string,
): Cause | undefined {
  if (endpoints.length > 0) return undefined;
  return {
    ...{ code: 'no-network', at, cure: `seaway network connect NETWORK ${name}` },
    sentence: `${at} is on no network`,
  };
}

function serviceCause({ name, services }: Extract<End, { kind: 'service' }>): Cause | undefined {
  if (services.some(({ backends }) => backends.some(({ open }) => open))) return undefined;
  return {
    ...{ code: 'no-tasks', at: `service ${name}`, cure: `docker service ps --no-trunc ${name}` },
    sentence: `service ${name} has no task that runs and is healthy`,
  };
}

function nodeCause({ name, node, peer }: Extract<End, { kind: 'peer' }>): Cause | undefined {
  if (node && !node.lost) return undefined;
  const host = node?.name ?? peer.nodeId;
  return {
    ...{ code: 'node-gone', at: `host ${host}` },
    sentence: `host ${host}, on which ${name} is, has not been heard of`,
    cure: `look whether host ${host} runs; seaway cluster forget ${host} gives it up`,
  };
}
