/** Forwards questions to other servers, to the next one if one fails. Answers are returned unchanged. */
import { messageOf } from '../errors.ts';
import type { Logger } from '../observe/logger.ts';
import { payloadOf } from './decode.ts';
import type { Servers } from './host-servers.ts';
import { rcode } from './message.ts';
import type { Origin } from './origin.ts';
import type { Share } from './shares.ts';
import { askByTcp, type TcpQuestion } from './upstream-tcp.ts';
import { createUdpUpstream, type Upstream } from './upstream-udp.ts';

export type Transport = 'udp' | 'tcp';

export interface ForwardedQuery {
  readonly message: Buffer;
  /** How it came, and how it is forwarded. */
  readonly transport: Transport;
  /** The largest answer that the asker accepts, in bytes. */
  readonly limit: number;
}

export interface Forwarder {
  /**
   * The answer, whose id the caller must replace; `unanswered` if no server answered, `busy` if too many questions
   * are waiting.
   */
  forward(query: ForwardedQuery): Promise<Buffer | 'unanswered' | 'busy'>;
  close(): void;
}

/** Limits of one sandbox's waiting questions: their number, as in Docker, and their bytes. */
const maxWaiting = 1024;
const maxWaitingBytes = 1024 * 1024;
/** Limit of one sandbox's TCP connections to servers, each of which takes a descriptor. */
const maxConnections = 32;
/** Milliseconds for repeating a truncated answer by TCP, because the asker has already waited. */
const retryTimeout = 1000;

export interface ForwarderOptions {
  readonly origin: Origin;
  readonly servers: () => Servers;
  readonly share: Share;
  readonly log: Logger;
}

export function createForwarder({ origin, servers, share, log }: ForwarderOptions): Forwarder {
  const inFlight = new Map<string, Promise<Buffer | 'unanswered'>>();
  let waitingBytes = 0;
  const upstreams = createUpstreams(origin, share);
  const askAll = async (query: ForwardedQuery): Promise<Buffer | 'unanswered'> => {
    const { addresses, timeout, attempts } = servers();
    const silent = new Set(addresses);
    let refusal: Buffer | undefined;
    for (let round = 0; round < attempts; round += 1) {
      for (const server of silent) {
        try {
          const answer = await upstreams.ask(server, { query, timeout });
          if (!isRefusal(answer)) return answer;
          refusal = answer;
          silent.delete(server);
        } catch (error) {
          log.debug('a server did not answer', { server, error: messageOf(error) });
        }
      }
    }
    return refusal ?? 'unanswered';
  };
  return {
    async forward(query) {
      // a repeated question shares the answer of the one that is waiting
      const key = `${query.transport}${query.message.toString('latin1', 2)}`;
      const known = inFlight.get(key);
      if (known) return known;
      if (inFlight.size >= maxWaiting || waitingBytes + key.length > maxWaitingBytes) return 'busy';
      waitingBytes += key.length;
      const answer = askAll(query).finally(() => {
        waitingBytes -= key.length;
        inFlight.delete(key);
      });
      inFlight.set(key, answer);
      return answer;
    },
    close: () => upstreams.close(),
  };
}

interface Upstreams {
  ask(server: string, how: { readonly query: ForwardedQuery; readonly timeout: number }): Promise<Buffer>;
  close(): void;
}

/** Asks servers by the transport by which the question came. */
function createUpstreams(origin: Origin, share: Share): Upstreams {
  const byUdp = new Map<string, Upstream>();
  let connections = 0;
  const askTcp = async (question: TcpQuestion): Promise<Buffer> => {
    if (connections >= share(maxConnections)) throw new Error('too many connections to servers');
    connections += 1;
    return askByTcp(origin, question).finally(() => {
      connections -= 1;
    });
  };
  const udp = (server: string): Upstream => {
    const known = byUdp.get(server) ?? createUdpUpstream(origin, server);
    byUdp.set(server, known);
    return known;
  };
  return {
    async ask(server, { query: { message, transport, limit }, timeout }) {
      if (transport === 'tcp') return askTcp({ server, query: message, timeout });
      const answer = await udp(server).ask(message, timeout);
      // where the server's limit is no smaller than the asker's, the full answer would not fit: the asker retries by
      // TCP itself (RFC 2181, 9; RFC 7766, 5)
      if (!isTruncated(answer) || limit <= payloadOf(answer)) return answer;
      const patience = Math.min(timeout, retryTimeout);
      const whole = await askTcp({ server, query: message, timeout: patience }).catch(() => answer);
      return whole.length <= limit ? whole : answer;
    },
    close() {
      for (const one of byUdp.values()) one.close();
      byUdp.clear();
    },
  };
}

const isTruncated = (answer: Buffer): boolean => ((answer[2] ?? 0) & 0x02) !== 0;

/** Whether the server refuses or fails, so that another one is asked. */
const isRefusal = (answer: Buffer): boolean => {
  const code = (answer[3] ?? 0) & 0xf;
  return code === rcode.SERVFAIL || code === rcode.REFUSED || code === rcode.NOTIMP;
};
