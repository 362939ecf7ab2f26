/** `docker attach`, also before the container runs, so that its first output is not lost. */
import { fail } from '../../errors.ts';
import type { Container } from '../../model/container.ts';
import { isAlive } from '../../model/container-state.ts';
import type { View } from '../../model/tables.ts';
import type { Events } from '../../observe/events.ts';
import type { AttachOptions, AttachStream, Runtime } from '../../runtime/runtime.ts';
import { emitContainer } from './container-events.ts';
import type { Exits } from './exits.ts';
import { LateStream } from './late-stream.ts';

/** Milliseconds that the end of a stream is delayed until the exit is recorded. */
const exitPatience = 1_000;

interface Needs {
  readonly model: Pick<View, 'get'>;
  readonly runtime: Pick<Runtime, 'attach' | 'logs'>;
  readonly exits: Pick<Exits, 'nextExit'>;
  readonly events: Pick<Events, 'emit'>;
}

interface Pending {
  readonly options: AttachOptions;
  readonly stream: LateStream;
}

export class Attachments {
  readonly #needs: Needs;
  /** Clients that wait for a container to start, by its id. */
  readonly #pending = new Map<string, readonly Pending[]>();

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  /** Throws CONTAINER_STATE if it is paused or restarting. */
  async attach(
    container: Container,
    options: AttachOptions & { readonly logs: boolean; readonly stream: boolean },
  ): Promise<AttachStream> {
    refuseAttach(container);
    emitContainer(this.#needs, 'attach', container);
    const stream = new LateStream();
    stream.once('detached', () => emitContainer(this.#needs, 'detach', container));
    const connect = () => this.#connect(container, { options, stream });
    if (!options.logs) await connect();
    // in the background, since the client reads only what is returned
    else
      void this.#replayLogs(container, { options, stream })
        .then(connect)
        .catch((error) => stream.on('error', () => undefined).destroy(error));
    return stream;
  }

  /** The container may have been started, ended or removed while its logs were read. */
  async #connect(
    before: Container,
    { options, stream }: { readonly options: AttachOptions & { readonly stream: boolean } } & Pending,
  ): Promise<void> {
    const { model, runtime } = this.#needs;
    const now = model.get('containers', before.id);
    if (stream.destroyed) return;
    if (options.stream && now && isAlive(now))
      stream.join(await runtime.attach(now, options), () => this.#exitSeen(now.id));
    else if (options.stream && now && !isAlive(before)) this.#wait(now.id, { options, stream });
    else stream.push(null);
  }

  /** Connects waiting clients to a container that is created but not yet started. */
  async join(container: Container): Promise<void> {
    const waiting = this.#pending.get(container.id) ?? [];
    this.#pending.delete(container.id);
    await Promise.all(
      waiting.map(async ({ options, stream }) => {
        try {
          const inner = await this.#needs.runtime.attach(container, options);
          stream.join(inner, () => this.#exitSeen(container.id));
        } catch (error) {
          stream.destroy();
          throw error;
        }
      }),
    );
  }

  /** Closes waiting clients after a failed start or a removal. */
  fail(id: string): void {
    for (const { stream } of this.#pending.get(id) ?? []) stream.destroy();
    this.#pending.delete(id);
  }

  #wait(id: string, entry: Pending): void {
    this.#pending.set(id, [...(this.#pending.get(id) ?? []), entry]);
    entry.stream.once('close', () => {
      const rest = (this.#pending.get(id) ?? []).filter((other) => other !== entry);
      if (rest.length > 0) this.#pending.set(id, rest);
      else this.#pending.delete(id);
    });
  }

  /**
   * The streams of a process end shortly before its exit is recorded; clients that then inspect the container must see
   * the exit. A process may also close its streams and continue.
   */
  async #exitSeen(id: string): Promise<void> {
    const { model, exits } = this.#needs;
    const container = model.get('containers', id);
    if (container && isAlive(container)) await exits.nextExit(id, AbortSignal.timeout(exitPatience));
  }

  /** Writes the container's previous output before the live stream. */
  async #replayLogs(container: Container, { options, stream }: Pending): Promise<void> {
    const { stdout, stderr } = options;
    const wanted = { stdout, stderr, timestamps: false, follow: false };
    await stream.replay(this.#needs.runtime.logs(container, wanted));
  }
}

function refuseAttach({ id, state: { status } }: Container): void {
  if (status === 'paused')
    throw fail('CONTAINER_STATE', `container ${id} is paused, unpause the container before attach`);
  if (status === 'restarting')
    throw fail('CONTAINER_STATE', `container ${id} is restarting, wait until the container is running`);
}
