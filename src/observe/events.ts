/** What happened, for `docker events`: kept for a while, and told to listeners. */

export type EventType = 'container' | 'network' | 'image' | 'volume' | 'plugin' | 'daemon';

export interface EngineEvent {
  readonly type: EventType;
  /** `start`, `connect`, `exec_create: sh -c true`, ... as Docker names them. */
  readonly action: string;
  /** Id of what it happened to (name for volumes). */
  readonly id: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Nanoseconds since the epoch. */
  readonly time: bigint;
}

export interface Events {
  emit(event: Omit<EngineEvent, 'time'>): void;
  /** What is kept, oldest first. */
  past(): readonly EngineEvent[];
  /** Be told of each event from now on; the function returned ends it. */
  listen(listener: (event: EngineEvent) => void): () => void;
  /** How many listen now. */
  listeners(): number;
}

/** As many as dockerd keeps. */
const kept = 256;

export function createEvents(clock: () => bigint): Events {
  const past: EngineEvent[] = [];
  const listeners = new Set<(event: EngineEvent) => void>();
  return {
    emit(event) {
      const stamped = { ...event, time: clock() };
      past.push(stamped);
      if (past.length > kept) past.shift();
      for (const listener of listeners) listener(stamped);
    },
    past: () => [...past],
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    listeners: () => listeners.size,
  };
}
