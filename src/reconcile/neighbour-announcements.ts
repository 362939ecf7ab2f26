/**
 * Endpoints of other hosts are announced to those of this host where their addresses come up on a tunnel. An address may
 * have been another's a moment ago, at another MAC, and who spoke with that one would go on sending there for up to a
 * minute. Those of one run are sent together.
 */
import { messageOf } from '../errors.ts';
import type { Holder, Namespace } from '../kernel/kernel.ts';
import type { NamespaceRef } from '../objects/namespace-ref.ts';
import { parseOwner } from '../objects/owner.ts';

export interface NeighbourAt extends Holder {
  readonly ns: NamespaceRef;
  /** The tunnel. */
  readonly link: string;
}

export interface NeighbourAnnouncementsContext {
  /** While it is open. */
  namespace(ref: NamespaceRef): Namespace | undefined;
  trace(ref: NamespaceRef, line: string): void;
}

interface Tunnel {
  readonly ns: NamespaceRef;
  readonly link: string;
  readonly holders: NeighbourAt[];
}

export class NeighbourAnnouncements {
  readonly #context: NeighbourAnnouncementsContext;
  readonly #waiting = new Map<string, Tunnel>();

  constructor(context: NeighbourAnnouncementsContext) {
    this.#context = context;
  }

  announce(at: NeighbourAt): void {
    const { ns, link } = at;
    const key = `${ns} ${link}`;
    const waiting = this.#waiting.get(key);
    if (waiting) {
      waiting.holders.push(at);
      return;
    }
    if (this.#waiting.size === 0) queueMicrotask(() => this.#send());
    this.#waiting.set(key, { ns, link, holders: [at] });
  }

  #send(): void {
    for (const tunnel of this.#waiting.values()) {
      const { ns, holders } = tunnel;
      const what = `act=announce kind=neighbour count=${holders.length}`;
      try {
        const namespace = this.#context.namespace(ns);
        if (namespace && sendInto(namespace, tunnel)) this.#context.trace(ns, what);
      } catch (error) {
        // an endpoint that nobody was told of is still of use
        this.#context.trace(ns, `${what} error=${JSON.stringify(messageOf(error))}`);
      }
    }
    this.#waiting.clear();
  }
}

/** From the bridge to all of its ports; false where no endpoint is there to hear it. */
function sendInto(namespace: Namespace, { link, holders }: Tunnel): boolean {
  const { route } = namespace;
  const bridge = route.findLink(link)?.master ?? 0;
  const isEndpoint = ({ alias }: { readonly alias: string }): boolean =>
    parseOwner(alias)?.scope === 'endpoint';
  if (!bridge || !route.listLinks().some(isEndpoint)) return false;
  return namespace.announceOthers(bridge, holders);
}
