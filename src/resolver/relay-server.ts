/**
 * Ports of the host whose connections are passed on to containers: those by IPv6 that the kernel translates for nobody
 * (docs/decisions/058-relays-in-the-resolver.md). The engine sends a bound socket for each.
 */
import type { Logger } from '../observe/logger.ts';
import type { Inbox } from './inbox.ts';
import type { RelayChange, RelayTargets } from './protocol.ts';
import { type RelayListener, type RelayRoom, type RelayTarget, relayLabel } from './relay.ts';
import { roomsFor } from './relay-room.ts';
import { relayTcp } from './relay-tcp.ts';
import { relayUdp } from './relay-udp.ts';
import { descriptorLimit } from './shares.ts';

const longest = 4_096;

export class RelayServer {
  readonly #inbox: Pick<Inbox, 'take'>;
  readonly #log: Logger;
  readonly #roomOfPort: () => RelayRoom;
  readonly #relays = new Map<string, { target: string; readonly listener: RelayListener }>();

  constructor({ inbox, log }: { readonly inbox: Pick<Inbox, 'take'>; readonly log: Logger }) {
    this.#inbox = inbox;
    this.#log = log;
    // each needs two descriptors; half of all are for names
    this.#roomOfPort = roomsFor(Math.min(longest, Math.floor(descriptorLimit() / 8)));
  }

  /** Throws an `Error` where sockets were not sent, and then changes nothing. */
  change({ name, sent, moved, gone }: RelayChange): void {
    const places = Object.entries(sent);
    const descriptors = places.length > 0 ? this.#inbox.take(relayLabel(name)).descriptors : [];
    for (const place of gone) this.#drop(place);
    for (const [place, target] of Object.entries(moved)) this.#move(place, target);
    for (const [index, [place, target]] of places.entries()) {
      this.#relays.get(place)?.listener.close();
      const listen = place.startsWith('udp/') ? relayUdp : relayTcp;
      const listener = listen({
        fd: descriptors[index] ?? -1,
        to: targetOf(target),
        room: this.#roomOfPort(),
      });
      this.#relays.set(place, { target, listener });
    }
    this.#log.info('passes ports on', { sent: places.length, gone: gone.length, all: this.#relays.size });
  }

  #move(place: string, target: string): void {
    const known = this.#relays.get(place);
    if (!known) return;
    known.listener.lead(targetOf(target));
    known.target = target;
  }

  #drop(place: string): void {
    this.#relays.get(place)?.listener.close();
    this.#relays.delete(place);
  }

  list(): RelayTargets {
    return Object.fromEntries(Array.from(this.#relays, ([place, { target }]) => [place, target]));
  }
}

/** `172.17.0.2:80`, `[fd00::2]:80`. */
function targetOf(text: string): RelayTarget {
  const at = text.lastIndexOf(':');
  return { address: text.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(text.slice(at + 1)) };
}
