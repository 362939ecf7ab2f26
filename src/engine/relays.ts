/**
 * Ports that the resolver's process passes on to containers (`src/model/relays.ts`). It goes on with them while there is no
 * engine; the next one learns of them by its status.
 */
import type { copyDescriptor } from '../kernel/descriptors.ts';
import type { Model } from '../model/memory.ts';
import { placeOfRelay, type Relay, relaysOf } from '../model/relays.ts';
import type { PortMapping } from '../model/sandbox.ts';
import type { Retries } from '../reconcile/retries.ts';
import { nameOfScope } from '../reconcile/runs.ts';
import type { RelayOrder, ResolverClient } from '../resolver/client.ts';
import type { RelayTargets } from '../resolver/protocol.ts';
import type { HostPorts } from './host-ports.ts';

interface RelaysContext {
  readonly model: Model;
  readonly retries: Retries;
  readonly isOn: () => boolean;
  readonly resolver: () => Pick<ResolverClient, 'relay'>;
  readonly hostPorts: () => Pick<HostPorts, 'descriptorOf'>;
  readonly copyDescriptor: typeof copyDescriptor;
}

export class Relays {
  readonly #context: RelaysContext;
  /** Targets of what the process passes on, by place. */
  #served = new Map<string, string>();
  /** The sandbox whose port it is, by place. */
  readonly #owners = new Map<string, string>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(context: RelaysContext) {
    this.#context = context;
  }

  /** Whether the process has the port's socket. */
  serves(port: PortMapping): boolean {
    return this.#served.has(placeOfRelay(port));
  }

  /** Whether anything is passed on. */
  get isUsed(): boolean {
    return this.#owners.size > 0;
  }

  /** To be called with what a process that is connected to passes on; what else is wanted follows. */
  learn(relays: RelayTargets): void {
    this.#served = new Map(Object.entries(relays));
    void this.follow(new Set(this.#owners.values()));
  }

  /** Passes the ports of these sandboxes on, and no others of theirs. Never rejects: what fails is tried again. */
  follow(sandboxIds: Iterable<string>): Promise<void> {
    const ids = [...sandboxIds];
    const turn = this.#last.then(async () => {
      for (const id of ids) await this.#attempt(id);
    });
    this.#last = turn;
    return turn;
  }

  /** Drops what no sandbox wants, as an earlier engine may have left it. For start-up, once all ports are held. */
  sweep(): Promise<void> {
    const turn = this.#last.then(() => {
      const gone = [...this.#served.keys()].filter((place) => !this.#owners.has(place));
      return this.#change({ sent: [], moved: {}, gone });
    });
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #attempt(id: string): Promise<void> {
    const { model, retries } = this.#context;
    const subject = { key: `relays:${id}`, name: `IPv6 ports of ${nameOfScope(`sandbox:${id}`, model)}` };
    const isNothing = this.#wanted(id).length === 0 && ![...this.#owners.values()].includes(id);
    if (!isNothing || retries.has(subject.key)) await retries.attempt(subject, () => this.#bring(id));
  }

  #wanted(id: string): readonly Relay[] {
    const { model, isOn } = this.#context;
    const sandbox = isOn() ? model.get('sandboxes', id) : undefined;
    return sandbox ? relaysOf(sandbox) : [];
  }

  async #bring(id: string): Promise<void> {
    const wanted = this.#wanted(id);
    for (const { place } of wanted) this.#owners.set(place, id);
    const places = new Set(wanted.map(({ place }) => place));
    const gone = [...this.#owners].flatMap(([place, owner]) =>
      owner === id && !places.has(place) ? [place] : [],
    );
    const others = wanted.filter(({ place, target }) => this.#served.get(place) !== target);
    const [moved = [], missing = []] = [true, false].map((is) =>
      others.filter(({ place }) => this.#served.has(place) === is),
    );
    using sockets = new DisposableStack();
    await this.#change({
      gone,
      moved: Object.fromEntries(moved.map(({ place, target }) => [place, target])),
      sent: missing.flatMap((relay) => this.#socketOf(relay, sockets)),
    });
  }

  /** Copies: a port may be let go, and its descriptor be another file's, before the process has the socket. */
  #socketOf({ place, target, port }: Relay, sockets: DisposableStack): RelayOrder['sent'] {
    const { hostPorts, copyDescriptor: copy } = this.#context;
    const descriptor = hostPorts().descriptorOf(port);
    if (descriptor === undefined) return [];
    const { fd } = sockets.adopt(copy(descriptor), (one) => one.close());
    return [[place, target, fd]];
  }

  async #change({ sent, moved, gone }: RelayOrder): Promise<void> {
    const known = gone.filter((place) => this.#served.has(place));
    if (sent.length + known.length + Object.keys(moved).length > 0)
      await this.#context.resolver().relay({ sent, moved, gone: known });
    for (const place of gone) {
      this.#served.delete(place);
      this.#owners.delete(place);
    }
    for (const [place, target] of [...Object.entries(moved), ...sent]) this.#served.set(place, target);
  }
}
