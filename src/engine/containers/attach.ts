/** `docker attach`, also before the container runs: what comes first is not lost. */
import { fail } from '../../errors.ts';
import type { Container } from '../../model/container.ts';
import { findContainer } from '../../model/references.ts';
import type { AttachOptions, AttachStream } from '../../runtime/runtime.ts';
import type { Core } from '../core.ts';
import { LateStream } from './late-stream.ts';
import { isAlive } from './stop.ts';
import { tellContainer } from './tell.ts';

/** Milliseconds that the end of a stream waits for the exit. */
const exitPatience = 1_000;

interface Pending {
  readonly options: AttachOptions;
  readonly stream: LateStream;
}

/** Clients that wait for a container to start, by its id. */
const pending = new WeakMap<Core, Map<string, Pending[]>>();

function pendingOf(core: Core): Map<string, Pending[]> {
  const known = pending.get(core) ?? new Map<string, Pending[]>();
  pending.set(core, known);
  return known;
}

export async function attach(
  core: Core,
  ref: string,
  options: AttachOptions & { readonly logs: boolean; readonly stream: boolean },
): Promise<AttachStream> {
  const container = findContainer(core.model, ref);
  refuseAttach(container);
  tellContainer(core, 'attach', container);
  const stream = new LateStream();
  stream.once('detached', () => tellContainer(core, 'detach', container));
  if (options.logs) await replayLogs(core, container, { options, stream });
  // it may have been started or removed while its logs were read
  const now = core.model.get('containers', container.id);
  if (!options.stream || !now) stream.push(null);
  else if (isAlive(now)) stream.join(await core.runtime.attach(now, options), () => exitSeen(core, now.id));
  else wait(core, now.id, { options, stream });
  return stream;
}

/**
 * The streams of a process that has ended end a moment before its exit is on record: clients that inspect then are to
 * find it. A process may also close its streams and go on.
 */
async function exitSeen(core: Core, id: string): Promise<void> {
  const container = core.model.get('containers', id);
  if (container && isAlive(container)) await core.exits.nextExit(id, AbortSignal.timeout(exitPatience));
}

function refuseAttach({ id, state: { status } }: Container): void {
  if (status === 'paused')
    throw fail('CONTAINER_STATE', `container ${id} is paused, unpause the container before attach`);
  if (status === 'restarting')
    throw fail('CONTAINER_STATE', `container ${id} is restarting, wait until the container is running`);
}

function wait(core: Core, id: string, entry: Pending): void {
  const waiting = pendingOf(core);
  waiting.set(id, [...(waiting.get(id) ?? []), entry]);
  entry.stream.once('close', () => {
    const rest = (waiting.get(id) ?? []).filter((other) => other !== entry);
    if (rest.length > 0) waiting.set(id, rest);
    else waiting.delete(id);
  });
}

/** What the container has written so far, before the live stream. */
async function replayLogs(core: Core, container: Container, { options, stream }: Pending): Promise<void> {
  const { stdout, stderr } = options;
  for await (const chunk of core.runtime.logs(container, {
    stdout,
    stderr,
    timestamps: false,
    follow: false,
  }))
    stream.push(chunk);
}

/** Join those who wait to a container that is created and not yet started. */
export async function joinAttachments(core: Core, container: Container): Promise<void> {
  const waiting = pendingOf(core).get(container.id) ?? [];
  pendingOf(core).delete(container.id);
  await Promise.all(
    waiting.map(async ({ options, stream }) => {
      try {
        stream.join(await core.runtime.attach(container, options), () => exitSeen(core, container.id));
      } catch (error) {
        stream.destroy();
        throw error;
      }
    }),
  );
}

/** The start failed, or it was removed: there is nothing to wait for. */
export function failAttachments(core: Core, id: string): void {
  for (const { stream } of pendingOf(core).get(id) ?? []) stream.destroy();
  pendingOf(core).delete(id);
}
