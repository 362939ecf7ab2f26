/** The manager's side of logs: each is read from the node that has it, as fast as it is taken here. */
import { fail } from '../errors.ts';
import type { TaskLogRequest } from '../swarm/assignments.ts';
import type { FromNode, ToNode } from './protocol.ts';

type Piece = Extract<FromNode, { readonly op: 'logged' }>;

export class LogReading {
  readonly #send: (message: ToNode) => void;
  readonly #waiting = new Map<number, (piece: Piece | undefined) => void>();
  #next = 1;
  #isClosed = false;

  constructor(send: (message: ToNode) => void) {
    this.#send = send;
  }

  take(piece: Piece): void {
    this.#waiting.get(piece.call)?.(piece);
  }

  /** The session has ended: what is being read ends early. */
  close(): void {
    this.#isClosed = true;
    for (const settle of this.#waiting.values()) settle(undefined);
  }

  /** Throws SWARM_UNKNOWN where the node cannot read it on, or has gone. */
  async *read(request: TaskLogRequest, gone: AbortSignal): AsyncGenerator<Buffer> {
    const call = this.#next++;
    const stop = (): void => this.#waiting.get(call)?.(undefined);
    gone.addEventListener('abort', stop);
    try {
      for (let first = true; !gone.aborted; first = false) {
        const piece = await this.#ask(first ? { op: 'log', call, request } : { op: 'log-more', call });
        if (!piece && !gone.aborted) throw fail('SWARM_UNKNOWN', 'the node has gone');
        if (piece?.data) yield Buffer.from(piece.data, 'base64');
        if (piece?.error) throw fail('SWARM_UNKNOWN', piece.error);
        if (!piece || piece.isOver) return;
      }
    } finally {
      gone.removeEventListener('abort', stop);
      this.#waiting.delete(call);
      this.#send({ op: 'log-stop', call });
    }
  }

  #ask(message: ToNode & { readonly call: number }): Promise<Piece | undefined> {
    if (this.#isClosed) return Promise.resolve(undefined);
    const { promise, resolve } = Promise.withResolvers<Piece | undefined>();
    this.#waiting.set(message.call, resolve);
    this.#send(message);
    return promise;
  }
}
