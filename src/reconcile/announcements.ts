/**
 * Announces new addresses of sandboxes to their neighbours. An address may have had another MAC address a moment
 * ago, and neighbours would keep sending there until their cache entries become stale, for up to a minute.
 */

import { messageOf } from '../errors.ts';
import type { Link, Namespace } from '../kernel/kernel.ts';
import { type Announcing, usual } from '../model/announcing.ts';
import type { View } from '../model/tables.ts';
import type { NamespaceRef } from '../objects/namespace-ref.ts';

/** An address of a sandbox's interface, with its prefix length. */
export interface AddressAt {
  readonly ns: NamespaceRef;
  readonly link: string;
  readonly address: string;
}

export interface AnnouncementsContext {
  readonly view: Pick<View, 'get' | 'endpointsOfSandbox'>;
  /** The namespace of a sandbox if it is open. */
  namespace(sandboxId: NamespaceRef): Namespace | undefined;
  trace(sandboxId: NamespaceRef, line: string): void;
}

export class Announcements {
  readonly #context: AnnouncementsContext;

  constructor(context: AnnouncementsContext) {
    this.#context = context;
  }

  /** Sends once before it returns. Never throws: an address works without its announcement. */
  announce(at: AddressAt): void {
    const { count, interval } = this.#howOften(at);
    const link = count > 0 ? this.#send(at) : undefined;
    if (!link) return;
    this.#context.trace(at.ns, `act=announce kind=address key=${at.link}/${at.address} mac=${link.mac}`);
    this.#repeat(at, { count: count - 1, interval });
  }

  #repeat(at: AddressAt, { count, interval }: Announcing): void {
    if (count === 0) return;
    const again = (): void => {
      if (this.#send(at)) this.#repeat(at, { count: count - 1, interval });
    };
    setTimeout(again, interval).unref();
  }

  #howOften({ ns, link }: AddressAt): Announcing {
    const { view } = this.#context;
    const endpoint = view.endpointsOfSandbox(ns).find(({ ifname }) => ifname === link);
    return (endpoint && view.get('networks', endpoint.networkId)?.parsed.announcing) ?? usual;
  }

  /** The link that it was sent from; undefined if nothing was sent. */
  #send(at: AddressAt): Link | undefined {
    try {
      const namespace = this.#context.namespace(at.ns);
      const link = namespace && holderOf(at, namespace);
      return link && namespace.announce(link, at.address) ? link : undefined;
    } catch (error) {
      this.#context.trace(at.ns, `act=announce kind=address key=${at.link}/${at.address} ${failed(error)}`);
      return undefined;
    }
  }
}

/** The link if it still has the address: a repeat must not announce one that has moved. */
function holderOf({ link: name, address }: AddressAt, { route }: Namespace): Link | undefined {
  const link = route.findLink(name);
  if (!link?.up || link.noarp) return undefined;
  return route.listAddresses(link.index).some((held) => held.address === address) ? link : undefined;
}

const failed = (error: unknown): string => `error=${JSON.stringify(messageOf(error))}`;
