/** The node's side of logs: a manager asks for a log, and takes it piece by piece. */
import { messageOf } from '../errors.ts';
import type { ServeLog } from '../swarm/access.ts';
import type { FromNode, ToNode } from './protocol.ts';

type Asked = Extract<ToNode, { readonly op: 'log' | 'log-more' | 'log-stop' }>;

interface Serving {
  readonly gone: AbortController;
  readonly pieces: AsyncIterator<Buffer>;
}

/** Bytes of a log in a message. */
const pieceLength = 256 << 10;

export class LogServing {
  readonly #send: (message: FromNode) => void;
  readonly #served = new Map<number, Serving>();
  serve: ServeLog | undefined;

  constructor(send: (message: FromNode) => void) {
    this.#send = send;
  }

  take(message: Asked): void {
    const { call } = message;
    if (message.op === 'log') this.#begin(message);
    if (message.op === 'log-stop') this.#stop(call);
    else void this.#next(call);
  }

  /** The session has ended, and who reads with it. */
  close(): void {
    for (const call of [...this.#served.keys()]) this.#stop(call);
  }

  #begin({ call, request }: Extract<Asked, { readonly op: 'log' }>): void {
    if (!this.serve) return;
    const gone = new AbortController();
    const pieces = inPieces(this.serve(request, gone.signal));
    this.#served.set(call, { gone, pieces });
  }

  async #next(call: number): Promise<void> {
    const serving = this.#served.get(call);
    let error = '';
    try {
      const next = await serving?.pieces.next();
      if (next && !next.done) {
        this.#send({ op: 'logged', call, data: next.value.toString('base64') });
        return;
      }
    } catch (thrown) {
      error = messageOf(thrown).slice(0, 1000);
    }
    this.#served.delete(call);
    this.#send({ op: 'logged', call, data: '', isOver: true, error });
  }

  #stop(call: number): void {
    const serving = this.#served.get(call);
    this.#served.delete(call);
    serving?.gone.abort();
    void serving?.pieces.return?.().catch(() => undefined);
  }
}

async function* inPieces(log: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const bytes of log)
    for (let at = 0; at < bytes.length; at += pieceLength) yield bytes.subarray(at, at + pieceLength);
}
