/** Questions about the state of a container, and the refusals that follow from it. */
import { fail } from '../errors.ts';
import type { Container } from './container.ts';

/** It has a process, which may be paused. */
export const isAlive = ({ state }: Pick<Container, 'state'>): boolean =>
  state.status === 'running' || state.status === 'paused';

/** Throws unless the container has a process; one that waits for its next start has none. */
export function refuseIdle({ id, state: { status } }: Container): void {
  if (status === 'restarting')
    throw fail('CONTAINER_STATE', `Container ${id} is restarting, wait until the container is running`);
  if (status !== 'running' && status !== 'paused') throw fail('CONTAINER_NOT_RUNNING', id);
}
