/**
 * Holds published ports on the host by bound sockets, so that no other program can take them and one that has them is
 * noticed. Traffic is redirected before it reaches these sockets.
 */

import { setImmediate as othersTurn } from 'node:timers/promises';
import { errorTable, messageOf, SeawayError } from '../errors.ts';
import { notIn } from '../firewall/once.ts';
import { Fault } from '../kernel/ffi/fault.ts';
import { type HeldRange, RangeRefused } from '../kernel/flows.ts';

import type { Kernel } from '../kernel/kernel.ts';
import { isBound } from '../model/port-index.ts';
import { isRelayable, mostRelayed, relaysOf } from '../model/relays.ts';
import type { PortMapping } from '../model/sandbox.ts';
import { joinHostPort } from '../net/address.ts';
import { familyOf } from '../net/family.ts';

/** A port that cannot be bound: PORT_IN_USE, in Docker's words. */
export class PortRefused extends SeawayError {
  readonly port: PortMapping;

  constructor(port: PortMapping, cause: unknown) {
    const { protocol, hostIP, hostPort, address, containerPort } = port;
    const where = `${joinHostPort(hostIP, hostPort)}:${joinHostPort(address, containerPort)}/${protocol}`;
    const [kind, message] = errorTable.PORT_IN_USE;
    super('PORT_IN_USE', kind, message(where, reasonOf(cause)), { cause });
    this.port = port;
  }
}

/** In Docker's words where the port is taken, or the host lacks the address. */
function reasonOf(thrown: unknown): string | undefined {
  if (thrown instanceof SeawayError && thrown.code === 'PORT_IN_USE') return undefined;
  const isAbsent =
    thrown instanceof SeawayError && thrown.cause instanceof Fault && thrown.cause.code === 'EADDRNOTAVAIL';
  return isAbsent ? 'cannot assign requested address' : messageOf(thrown);
}

export interface HostPorts {
  /**
   * Holds exactly these ports for a sandbox and releases its others. Throws PortRefused, and then holds the former
   * ports.
   */
  hold(sandboxId: string, ports: readonly PortMapping[]): void;
  letGo(sandboxId: string): void;
  /**
   * Holds many ports in turns with other work, so that a `hold` that follows only takes them over. Those that somebody has are
   * left to it. Call what it resolves with afterwards: it lets go of what was not taken over.
   */
  prepare(places: readonly Place[]): Promise<() => void>;
  /**
   * The socket of a port that is passed on, opened where the process that passes it on had it; undefined for one that is not
   * held. Throws PortRefused.
   */
  descriptorOf(port: PortMapping): number | undefined;
  close(): void;
}

/** Ports are passed on by another process; `serves`: it has the port's socket. */
export interface Relaying {
  readonly serves: (port: PortMapping) => boolean;
}

type Holding = Pick<Kernel, 'holdPort' | 'holdRange' | 'openHeld'>;

/** A port of the host. */
export type Place = Pick<PortMapping, 'protocol' | 'hostIP' | 'hostPort'>;

const keyOf = ({ protocol, hostIP, hostPort }: PortMapping): string => `${protocol}/${hostIP}/${hostPort}`;

/** Keys of ports that are not among the others. */
const outside = (ports: readonly PortMapping[], others: readonly PortMapping[]): ReadonlySet<string> =>
  new Set(ports.map(keyOf)).difference(new Set(others.map(keyOf)));

interface Held {
  sandboxId: string;
  readonly port: PortMapping;
  by: Holder;
}

interface Holder extends HeldRange {
  /** Of a port that is passed on. */
  readonly descriptor?: number;
}

/** Neighbours of at least so many are held as a range. */
const shortestRange = 64;

/** Ports that take some milliseconds. */
const perTurn = 500;

/** Without those that may be passed on: they need sockets that can be handed over, and are few. */
function withoutRelayed(places: readonly Place[]): readonly Place[] {
  const may = ({ protocol, hostIP }: Place): boolean => isRelayable(protocol) && familyOf(hostIP) === 6;
  const relayed = new Set(places.filter(may).slice(0, mostRelayed));
  return places.filter((place) => !relayed.has(place));
}

/** Where it leads is not decided yet. */
const mappingAt = (place: Place): PortMapping => ({
  ...place,
  ...{ containerPort: 0, address: '', endpointId: '', asked: { hostIP: '', hostPort: '' } },
});

/**
 * The model decides who has a port. A socket of a sandbox that has given the port up in the model, but not yet released
 * it, is handed over to the next one.
 */
class HeldPorts implements HostPorts {
  readonly #kernel: Holding;
  readonly #relaying: Relaying | undefined;
  readonly #held = new Map<string, Held>();
  readonly #keys = new Map<string, Set<string>>();
  /** The ports that a sandbox was given last, while all of them are held for it. */
  readonly #last = new Map<string, readonly PortMapping[]>();
  #prepared = 0;

  constructor(kernel: Holding, relaying: Relaying | undefined) {
    this.#kernel = kernel;
    this.#relaying = relaying;
  }

  /** Touches only ports that come or go. */
  hold(sandboxId: string, all: readonly PortMapping[]): void {
    const before = this.#last.get(sandboxId) ?? this.#heldBy(sandboxId);
    if (this.#last.get(sandboxId) === all) return;
    const [come, gone] = [notIn(all, before).filter(isBound), notIn(before, all).filter(isBound)];
    this.#last.delete(sandboxId);
    this.#release(sandboxId, outside(gone, come));
    try {
      this.#take(sandboxId, come);
    } catch (error) {
      this.#release(sandboxId, outside(come, gone));
      this.#take(sandboxId, gone);
      throw error;
    }
    this.#last.set(sandboxId, all);
  }

  letGo(sandboxId: string): void {
    this.#last.delete(sandboxId);
    this.#release(sandboxId, this.#keys.get(sandboxId) ?? new Set());
  }

  async prepare(places: readonly Place[]): Promise<() => void> {
    if (places.length < shortestRange) return () => undefined;
    const id = `prepared ${++this.#prepared}`;
    try {
      const some = this.#relaying ? withoutRelayed(places) : places;
      for (let at = 0; at < some.length; at += perTurn) {
        await othersTurn();
        const free = some.slice(at, at + perTurn).map(mappingAt);
        this.#take(
          id,
          free.filter((port) => !this.#held.has(keyOf(port))),
        );
      }
    } catch (error) {
      if (!(error instanceof PortRefused)) throw error;
    }
    return () => this.letGo(id);
  }

  descriptorOf(port: PortMapping): number | undefined {
    const held = this.#held.get(keyOf(port));
    if (held && held.by.descriptor === undefined) {
      held.by.release([port.hostPort]);
      held.by = holdRelayed(this.#kernel, port);
    }
    return held?.by.descriptor;
  }

  close(): void {
    for (const sandboxId of [...this.#keys.keys()]) this.letGo(sandboxId);
  }

  #heldBy(sandboxId: string): readonly PortMapping[] {
    const held = Array.from(this.#keys.get(sandboxId) ?? [], (key) => this.#held.get(key));
    return held.flatMap((one) => (one?.sandboxId === sandboxId ? [one.port] : []));
  }

  #release(sandboxId: string, keys: ReadonlySet<string>): void {
    const mine = this.#keys.get(sandboxId) ?? new Set();
    const gone: Held[] = [];
    for (const key of [...keys]) {
      mine.delete(key);
      const one = this.#held.get(key);
      if (one?.sandboxId !== sandboxId) continue;
      gone.push(one);
      this.#held.delete(key);
    }
    for (const [by, group] of Map.groupBy(gone, (one) => one.by))
      by.release(group.map(({ port }) => port.hostPort));
    if (mine.size === 0) this.#keys.delete(sandboxId);
  }

  #take(sandboxId: string, ports: readonly PortMapping[]): void {
    if (ports.length === 0) return;
    const mine = this.#keys.get(sandboxId) ?? new Set();
    this.#keys.set(sandboxId, mine);
    const missing: PortMapping[] = [];
    for (const port of ports) {
      const known = this.#held.get(keyOf(port));
      if (!known) missing.push(port);
      else if (known.sandboxId !== sandboxId) {
        this.#last.delete(known.sandboxId);
        known.sandboxId = sandboxId;
      }
      mine.add(keyOf(port));
    }
    // what is prepared leads nowhere yet
    const known = ports.filter(({ address }) => address !== '');
    const relayed = new Set(this.#relaying ? relaysOf({ ports: known }).map(({ port }) => port) : []);
    for (const port of missing.filter((one) => relayed.has(one))) {
      const by = holdRelayed(this.#kernel, port, this.#relaying);
      this.#held.set(keyOf(port), { sandboxId, port, by });
    }
    for (const run of runsOf(missing.filter((port) => !relayed.has(port)))) {
      const by = holdRun(this.#kernel, run);
      for (const port of run) this.#held.set(keyOf(port), { sandboxId, port, by });
    }
  }
}

export const createHostPorts = (kernel: Holding, relaying?: Relaying): HostPorts =>
  new HeldPorts(kernel, relaying);

/** Neighbours together where they are many, else each by itself. */
function runsOf(ports: readonly PortMapping[]): readonly (readonly PortMapping[])[] {
  const lines = Map.groupBy(ports, ({ protocol, hostIP }) => `${protocol} ${hostIP}`);
  return [...lines.values()].flatMap((line) => {
    const runs: PortMapping[][] = [];
    for (const port of line.toSorted((a, b) => a.hostPort - b.hostPort)) {
      const run = runs.at(-1);
      if (run && port.hostPort === (run.at(-1)?.hostPort ?? 0) + 1) run.push(port);
      else runs.push([port]);
    }
    return runs.flatMap((run) => (run.length < shortestRange ? run.map((port) => [port]) : [run]));
  });
}

/** Throws PortRefused. */
function holdRelayed(kernel: Holding, port: PortMapping, relaying?: Relaying): Holder {
  const { protocol, hostIP: address, hostPort } = port;
  try {
    const socket = kernel.openHeld({ protocol, address, port: hostPort });
    return { release: () => socket?.close(), ...(socket && { descriptor: socket.fd }) };
  } catch (error) {
    if (!relaying?.serves(port)) throw new PortRefused(port, error);
    return { release: () => undefined };
  }
}

/** Throws PortRefused. */
function holdRun(kernel: Holding, run: readonly PortMapping[]): HeldRange {
  const [port, ...more] = run;
  if (!port) return { release: () => undefined };
  const { protocol, hostIP: address, hostPort: first } = port;
  try {
    if (more.length > 0) return kernel.holdRange({ protocol, address, first, last: first + more.length });
    return { release: kernel.holdPort(protocol, address, first) };
  } catch (error) {
    if (!(error instanceof RangeRefused)) throw new PortRefused(port, error);
    throw new PortRefused(run[error.port - first] ?? port, error.cause);
  }
}
