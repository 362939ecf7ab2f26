/**
 * Ports on a link of the host follow its addresses. An event of the kernel leads to a look at the containers that
 * publish ports on links; those whose ports would be others now are changed.
 */
import type { KernelEvent } from '../kernel/events.ts';
import type { Container } from '../model/container.ts';
import { type Followed, followLinks, linksOf } from '../model/port-links.ts';
import { findContainer } from '../model/references.ts';
import { type Changing, change } from './change.ts';
import { emitContainer } from './containers/container-events.ts';
import { forgetMissed, forgetPorts } from './containers/port-flows.ts';
import type { Core } from './core.ts';
import { PortRefused } from './host-ports.ts';
import { portsText } from './ports-text.ts';
import { type SandboxSources, sandboxContext } from './sandbox-context.ts';

type Following = Changing & SandboxSources & Pick<Core, 'queue' | 'events' | 'logger' | 'retries'>;

/** Milliseconds in which further events are waited for: a lease is renewed by several. */
const settling = 50;
/** Addresses on which programs of the host have the port, at most. */
const mostRefused = 64;

export class PortLinks {
  readonly #core: Following;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(core: Following) {
    this.#core = core;
  }

  /** To be told of each event. */
  hear({ subject, action }: Pick<KernelEvent, 'subject' | 'action'>): void {
    if (subject !== 'address' && subject !== 'link' && action !== 'flush') return;
    if (this.#isClosed || this.#timer) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.look();
    }, settling).unref();
  }

  /** Never rejects: what fails is tried again. */
  async look(): Promise<void> {
    const { model, queue, retries } = this.#core;
    for (const container of [...model.all('containers')]) {
      const { id, name } = container;
      if (linksOf(container).size === 0 || !model.sandboxOfContainer(id)) continue;
      await retries.attempt({ key: `ports:${id}`, name: `ports of container ${name}` }, () =>
        queue.run(id, () => this.#follow(container)),
      );
    }
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  async #follow({ id }: Container): Promise<void> {
    const core = this.#core;
    const refused = new Set<string>();
    const known = core.model.get('containers', id);
    if (this.#isClosed || !known || !followLinks(core.model, known, sandboxContext(core))) return;
    for (;;) {
      try {
        const { followed } = await change(core, (view) => {
          const container = view.get('containers', id);
          const followed = container && followLinks(view, container, sandboxContext(core, refused));
          return { followed, changes: followed?.changes ?? [] };
        });
        if (followed) await this.#tell(id, followed);
        return;
      } catch (error) {
        if (!(error instanceof PortRefused) || refused.size === mostRefused) throw error;
        const { protocol, hostIP, hostPort } = error.port;
        refused.add(`${protocol}/${hostIP}/${hostPort}`);
        core.logger.warn('a port is not published on a new address of its link', {
          container: findContainer(core.model, id).name,
          error,
        });
      }
    }
  }

  async #tell(id: string, { gone, come }: Followed): Promise<void> {
    const core = this.#core;
    await forgetPorts(core, gone);
    await forgetMissed(core, come);
    const container = findContainer(core.model, id);
    if (gone.length > 0) emitContainer(core, 'port-remove', container, { ports: portsText(gone) });
    if (come.length > 0) emitContainer(core, 'port-add', container, { ports: portsText(come) });
  }
}
