/** Standalone containers on attachable networks of the swarm: a manager gives each of them its place. */
import { during, hasCode } from '../../../errors.ts';
import type { Network } from '../../../model/network.ts';
import type { EngineEvent } from '../../../observe/events.ts';
import type { ManagerLink } from '../../../swarm/access.ts';
import type { AttachmentRequest } from '../../../swarm/assignments.ts';
import type { SwarmTask } from '../../../swarm/records.ts';
import type { Core } from '../../core.ts';
import { acceptedNetwork } from './arriving.ts';

export type Attaching = Pick<Core, 'logger' | 'model' | 'records' | 'reconciler'>;

interface Options {
  readonly core: Attaching;
  readonly link: Pick<ManagerLink, 'attach' | 'detach' | 'rename'>;
}

type Place = Awaited<ReturnType<ManagerLink['attach']>>;

/** Milliseconds that a start waits until this node knows who else is on the network. */
const patience = 2_000;

export class Attachments {
  readonly #core: Attaching;
  readonly #link: Options['link'];
  /** Not in a set yet. */
  readonly #new = new Map<string, { readonly network: Network; readonly containerId: string }>();
  /** Tasks whose container is about to get its endpoint. */
  readonly #starting = new Set<string>();
  /** Tasks whose place is given back, and that the set still has. */
  readonly #detached = new Set<string>();
  readonly #waiting = new Map<string, () => void>();
  /** Tasks whose container's new name is on its way to the managers. */
  readonly #renamed = new Set<string>();
  /** By task: the sandbox in which the kernel has the address of its place. */
  readonly #sandboxes = new Map<string, string>();
  #given: readonly SwarmTask[] = [];

  constructor({ core, link }: Options) {
    this.#core = core;
    this.#link = link;
  }

  /** Networks of places that no set has yet. */
  networks(): readonly Network[] {
    return Array.from(this.#new.values(), ({ network }) => network);
  }

  /** Throws the manager's error, in Docker's words. */
  async attach(request: AttachmentRequest): Promise<Place> {
    const place = await this.#ask(request);
    const { task, network } = place;
    this.#starting.add(task.id);
    if (!this.#given.some(({ id }) => id === task.id)) {
      this.#new.set(task.id, { network, containerId: request.containerId });
      if (!this.#core.model.get('networks', network.id))
        await this.#core.records.arrive([
          { table: 'networks', put: acceptedNetwork(this.#core.model, network) },
        ]);
      await this.#inSet(task.id);
    }
    return place;
  }

  attached(taskId: string): void {
    this.#starting.delete(taskId);
    this.#settle();
    // one that failed before any set had it
    const place = this.#new.get(taskId);
    if (!place || this.#sandboxOn(place.network.id, place.containerId) !== undefined) return;
    this.#new.delete(taskId);
    void this.#detach(taskId);
  }

  update(tasks: readonly SwarmTask[]): void {
    this.#given = tasks.filter(({ spec }) => spec.NetworkAttachmentSpec);
    const ids = new Set(this.#given.map(({ id }) => id));
    for (const id of this.#detached) if (!ids.has(id)) this.#detached.delete(id);
    for (const id of this.#sandboxes.keys()) if (!ids.has(id)) this.#sandboxes.delete(id);
    for (const id of ids) {
      this.#new.delete(id);
      this.#waiting.get(id)?.();
    }
    this.#settle();
  }

  /** Containers that end or leave a network give their place back; new names are sent to the managers. */
  note({ type, action }: EngineEvent): void {
    const isOne =
      (type === 'container' && (action === 'die' || action === 'destroy')) ||
      (type === 'network' && action === 'disconnect');
    const isRenamed = type === 'container' && action === 'rename';
    if ((isOne || isRenamed) && this.#given.length > 0) queueMicrotask(() => this.#settle());
  }

  async #ask(request: AttachmentRequest): Promise<Place> {
    try {
      return await this.#link.attach(request);
    } catch (error) {
      if (hasCode(error, 'SWARM_DENIED'))
        throw during(`Could not attach to network ${request.network}`, error);
      throw error;
    }
  }

  async #inSet(taskId: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, patience);
    this.#waiting.set(taskId, resolve);
    await promise;
    clearTimeout(timer);
    this.#waiting.delete(taskId);
  }

  #settle(): void {
    for (const { id, spec, attachments } of this.#given) {
      if (this.#starting.has(id) || this.#detached.has(id)) continue;
      const containerId = spec.NetworkAttachmentSpec?.ContainerID ?? '';
      const [sandbox] = attachments.flatMap(({ networkId }) => this.#sandboxOn(networkId, containerId) ?? []);
      if (sandbox === undefined) void this.#detach(id);
      else {
        this.#sandboxes.set(id, sandbox);
        void this.#tellName(id, containerId);
      }
    }
  }

  /** Until the set has the name. What a manager did not take is sent again with the next set. */
  async #tellName(taskId: string, containerId: string): Promise<void> {
    const { model, logger } = this.#core;
    const known = this.#given.find(({ id }) => id === taskId)?.service.Name;
    const name = model.get('containers', containerId)?.name;
    if (name === undefined || name === known || this.#renamed.has(taskId)) return;
    this.#renamed.add(taskId);
    try {
      await this.#link.rename(taskId, name);
    } catch (error) {
      logger.warn('the name of a container is not known to the swarm yet', { container: name, error });
      return;
    } finally {
      this.#renamed.delete(taskId);
    }
    // it may have been renamed meanwhile
    if (model.get('containers', containerId)?.name !== name) void this.#tellName(taskId, containerId);
  }

  #sandboxOn(networkId: string, containerId: string): string | undefined {
    const on = this.#core.model.endpointsOfNetwork(networkId);
    return on.find((endpoint) => endpoint.containerId === containerId)?.sandboxId;
  }

  /** The manager gives the address to others, so the kernel drops it first. */
  async #detach(taskId: string): Promise<void> {
    const { reconciler, logger } = this.#core;
    const sandbox = this.#sandboxes.get(taskId);
    this.#detached.add(taskId);
    this.#sandboxes.delete(taskId);
    if (sandbox !== undefined)
      await reconciler
        .convergeSandbox(sandbox)
        .catch((error) => logger.warn('an address is given back that the kernel still has', { error }));
    this.#link.detach(taskId);
  }
}
