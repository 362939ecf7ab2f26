/** Events for `docker events`: the latest are kept, and listeners are called. */

export type EventType =
  | 'container'
  | 'network'
  | 'image'
  | 'volume'
  | 'plugin'
  | 'daemon'
  | 'node'
  | 'service'
  | 'secret'
  | 'config';

export interface EngineEvent {
  readonly type: EventType;
  /** `start`, `connect`, `exec_create: sh -c true`, ... as Docker names them. */
  readonly action: string;
  /** Id of the object (name for volumes). */
  readonly id: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Absent: this host alone. */
  readonly scope?: 'swarm';
  /** Nanoseconds since the epoch. */
  readonly time: bigint;
}

export interface Events {
  emit(event: Omit<EngineEvent, 'time'>): void;
  /** Kept events, oldest first. */
  past(): readonly EngineEvent[];
  /** Calls the listener for each further event until the returned function is called. */
  listen(listener: (event: EngineEvent) => void): () => void;
  /** Number of listeners. */
  listeners(): number;
}

/** As in dockerd. */
const kept = 256;

export function createEvents(clock: () => bigint): Events {
  const past: EngineEvent[] = [];
  const listeners = new Set<(event: EngineEvent) => void>();
  return {
    emit(event) {
      const stamped = { ...event, time: clock() };
      past.push(stamped);
      if (past.length > kept) past.shift();
      for (const listener of listeners) deliver(listener, stamped);
    },
    past: () => [...past],
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    listeners: () => listeners.size,
  };
}

/** An error of a listener is reported as an unhandled one: it concerns neither the emitter nor other listeners. */
function deliver(listener: (event: EngineEvent) => void, event: EngineEvent): void {
  try {
    listener(event);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
