/**
 * Several containers in one sandbox (`--network container:NAME`). The sandbox is one container's own; the
 * others have joined it. It does not end with its owner while somebody else is in it: it is parked, without
 * endpoints, until the owner starts again or a new container has the owner's name.
 */
import type { Container } from './container.ts';
import type { Sandbox } from './sandbox.ts';
import type { Change, View } from './tables.ts';

/** The sandbox that a container is in: its own, or the one that it has joined. */
export const sandboxOf = (view: View, container: Container): Sandbox | undefined =>
  view.sandboxOfContainer(container.id) ?? view.get('sandboxes', container.sandboxId);

/** The sandbox that waits for a container which is to start: by its id, else by its name. */
export function parkedFor(view: View, container: Container, kind: Sandbox['kind']): Sandbox | undefined {
  const found = view.parkedSandbox(container.id) ?? view.parkedSandbox(container.name);
  return found?.kind === kind ? found : undefined;
}

/** From now on it counts as one that is in the sandbox, and has its name: both see the same /etc/hostname. */
export function joinSandbox(container: Container, sandbox: Sandbox): readonly Change[] {
  const config = { ...container.config, Hostname: sandbox.hostname, Domainname: sandbox.domainname };
  return [{ table: 'containers', put: { ...container, config, sandboxId: sandbox.id } }];
}

/** Containers that joined the ended one now belong to its successor, whether they run or not. */
export function handOver(view: View, parked: Sandbox, successor: Container): readonly Change[] {
  const before = parked.parked?.containerId;
  if (before === undefined || before === successor.id) return [];
  return Array.from(view.all('containers'))
    .filter(({ hostConfig }) => hostConfig.NetworkMode === `container:${before}`)
    .map((container): Change => {
      const hostConfig = { ...container.hostConfig, NetworkMode: `container:${successor.id}` };
      return { table: 'containers', put: { ...container, hostConfig } };
    });
}

/** A container that ends leaves its sandbox. Its own sandbox is parked while others use it, or closed. */
export function leaveSandbox(view: View, containerId: string): readonly Change[] {
  const container = view.get('containers', containerId);
  if (!container) return [];
  const left: Change[] = container.sandboxId
    ? [{ table: 'containers', put: { ...container, sandboxId: '' } }]
    : [];
  const sandbox = sandboxOf(view, container);
  if (!sandbox) return left;
  const isOwner = sandbox.containerId === container.id;
  const stays = view.containersOfSandbox(sandbox.id).some(({ id }) => id !== container.id);
  if (isOwner && stays) return [...left, ...park(view, sandbox, container)];
  if (isOwner || (sandbox.parked && !stays)) return [...left, ...closeSandbox(view, sandbox.id)];
  return left;
}

/** Without endpoints and ports; the resolver continues, so that other names are resolved meanwhile. */
function park(view: View, sandbox: Sandbox, { id, name }: Container): readonly Change[] {
  const parked = { containerId: id, name };
  const bare = { ...sandbox, containerId: '', ports: [], gateway4: '', gateway6: '', parked };
  return [...endpointsGone(view, sandbox.id), { table: 'sandboxes', put: bare }];
}

/** Take the whole sandbox away: addresses and ports are free again. */
export function closeSandbox(view: View, sandboxId: string): readonly Change[] {
  if (!view.get('sandboxes', sandboxId)) return [];
  return [...endpointsGone(view, sandboxId), { table: 'sandboxes', remove: sandboxId }];
}

const endpointsGone = (view: View, sandboxId: string): readonly Change[] =>
  view.endpointsOfSandbox(sandboxId).map(({ id }): Change => ({ table: 'endpoints', remove: id }));
