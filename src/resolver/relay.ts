/** What is passed on, and by what. */

/** A port that is listened on. */
export interface RelayListener {
  /** Where new connections go from now on. */
  lead(target: RelayTarget): void;
  /** Ends its connections as well. */
  close(): void;
}

export interface RelayTarget {
  readonly address: string;
  readonly port: number;
}

/** For the connections or UDP clients of one port (`relay-room.ts`). */
export interface RelayRoom {
  /** False where there are too many; else `leave` is to be called. */
  enter(): boolean;
  leave(): void;
}

/** Under which sockets are sent. */
export const relayLabel = (name: string): string => `relay ${name}`;
