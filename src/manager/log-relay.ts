/** Logs of nodes that have their session with another manager are read by way of it. */
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fail, messageOf } from '../errors.ts';
import type { TaskLogRequest } from '../swarm/assignments.ts';
import { lineOf, lineReader } from './lines.ts';
import { limits } from './protocol.ts';
import { logBy, type Trust } from './remote.ts';
import type { Sessions } from './sessions.ts';
import type { ManagerStore } from './store.ts';

export interface LogCall {
  readonly nodeId: string;
  readonly request: TaskLogRequest;
}

export interface LogRelayOptions {
  readonly store: ManagerStore;
  readonly sessions: Sessions;
  readonly managerId: string;
  readonly trust: () => Trust;
}

interface Piece {
  /** Base64. */
  readonly data?: string;
  readonly error?: string;
}

export class LogRelay {
  readonly #options: LogRelayOptions;

  constructor(options: LogRelayOptions) {
    this.#options = options;
  }

  /** undefined for a node without a session that is known of. */
  readLog(nodeId: string, request: TaskLogRequest, gone: AbortSignal): AsyncIterable<Buffer> | undefined {
    const { store, sessions, managerId, trust } = this.#options;
    const here = sessions.readLog(nodeId, request, gone);
    if (here) return here;
    const holder = store.view.get('nodes', nodeId)?.session?.managerId ?? '';
    const place = store.view.get('nodes', holder)?.manager?.address;
    if (!place || holder === managerId) return undefined;
    return relayed({ place, trust: { ...trust(), manager: holder }, call: { nodeId, request }, gone });
  }

  /** For another manager, as fast as it reads. Throws SWARM_PRECONDITION where the node has no session here. */
  async serve(stream: Writable, { nodeId, request }: LogCall, begin: () => void): Promise<void> {
    const gone = new AbortController();
    stream.once('close', () => gone.abort());
    const log = this.#options.sessions.readLog(nodeId, request, gone.signal);
    if (!log) throw fail('SWARM_PRECONDITION', `node ${nodeId} is not available`);
    begin();
    await pipeline(Readable.from(linesOf(log)), stream).catch(() => undefined);
  }
}

async function* linesOf(log: AsyncIterable<Buffer>): AsyncGenerator<string> {
  try {
    for await (const piece of log) yield lineOf({ data: piece.toString('base64') } satisfies Piece);
  } catch (thrown) {
    yield lineOf({ error: messageOf(thrown) } satisfies Piece);
  }
}

interface Relaying {
  readonly place: string;
  readonly trust: Trust;
  readonly call: LogCall;
  readonly gone: AbortSignal;
}

async function* relayed({ place, trust, call, gone }: Relaying): AsyncGenerator<Buffer> {
  const { stream, close } = await logBy(place, trust, JSON.stringify(call));
  gone.addEventListener('abort', close);
  try {
    const lines: string[] = [];
    const read = lineReader(limits.manager, (line) => lines.push(line));
    for await (const chunk of stream) {
      read(chunk);
      for (const line of lines.splice(0)) {
        const { data, error } = JSON.parse(line) as Piece;
        if (error) throw fail('SWARM_UNKNOWN', error);
        if (data) yield Buffer.from(data, 'base64');
      }
    }
  } catch (thrown) {
    if (!gone.aborted) throw thrown;
  } finally {
    gone.removeEventListener('abort', close);
    close();
  }
}
