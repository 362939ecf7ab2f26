/** Passing questions on to other servers: the next one where one fails, the answers as they came. */
import { messageOf } from '../errors.ts';
import type { Logger } from '../observe/logger.ts';
import type { Servers } from './host-servers.ts';
import { rcode } from './message.ts';
import type { Origin } from './origin.ts';
import { askByTcp } from './upstream-tcp.ts';
import { createUdpUpstream, type Upstream } from './upstream-udp.ts';

export type Transport = 'udp' | 'tcp';

export interface ForwardedQuery {
  readonly message: Buffer;
  /** By what it came; it goes on by the same. */
  readonly transport: Transport;
  /** The largest answer that the asker takes. */
  readonly limit: number;
}

export interface Forwarder {
  /**
   * The answer, with an id that the caller must replace; `unanswered` if no server gave one, `busy` if
   * too many questions wait already.
   */
  forward(query: ForwardedQuery): Promise<Buffer | 'unanswered' | 'busy'>;
  close(): void;
}

/** Questions of one sandbox that may wait for an answer; Docker's number. */
const maxWaiting = 1024;

export interface ForwarderOptions {
  readonly origin: Origin;
  readonly servers: () => Servers;
  readonly log: Logger;
}

export function createForwarder({ origin, servers, log }: ForwarderOptions): Forwarder {
  const inFlight = new Map<string, Promise<Buffer | 'unanswered'>>();
  const upstreams = createUpstreams(origin);
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
      // The same question again while the first waits (a client that lost patience) gets the same answer.
      const key = `${query.transport}${query.message.toString('latin1', 2)}`;
      const known = inFlight.get(key);
      if (known) return known;
      if (inFlight.size >= maxWaiting) return 'busy';
      const answer = askAll(query).finally(() => inFlight.delete(key));
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

/** Every server by the transport by which the question came. */
function createUpstreams(origin: Origin): Upstreams {
  const byUdp = new Map<string, Upstream>();
  const udp = (server: string): Upstream => {
    const known = byUdp.get(server) ?? createUdpUpstream(origin, server);
    byUdp.set(server, known);
    return known;
  };
  return {
    async ask(server, { query: { message, transport, limit }, timeout }) {
      if (transport === 'tcp') return askByTcp(origin, { server, query: message, timeout });
      const answer = await udp(server).ask(message, timeout);
      // Cut short although the asker takes more: the server may have a smaller limit than the asker.
      if (!isTruncated(answer) || limit <= answer.length) return answer;
      const whole = await askByTcp(origin, { server, query: message, timeout }).catch(() => answer);
      return whole.length <= limit ? whole : answer;
    },
    close() {
      for (const one of byUdp.values()) one.close();
      byUdp.clear();
    },
  };
}

const isTruncated = (answer: Buffer): boolean => ((answer[2] ?? 0) & 0x02) !== 0;

/** The server will not or cannot say; another may. */
const isRefusal = (answer: Buffer): boolean => {
  const code = (answer[3] ?? 0) & 0xf;
  return code === rcode.SERVFAIL || code === rcode.REFUSED || code === rcode.NOTIMP;
};
