/**
 * The HTTP/2 session with one server. A new one is used once the server has answered on it: a proxy in between may accept a
 * connection and pass nothing on, while another connection gets through. One that has died since is replaced (`../liveness.ts`).
 */
import type { OutgoingHttpHeaders } from 'node:http2';
import { Code, ConnectError, createClient } from '@connectrpc/connect';
import { createGrpcTransport, Http2SessionManager } from '@connectrpc/connect-node';
import { Late, Liveness } from '../liveness.ts';
import { Maintenance } from './rpc_pb.ts';

/** Bytes on their way to this host. With HTTP/2's 64 KiB a page of entries would take dozens of round trips. */
const window = 4 * 1024 * 1024;
/** Milliseconds after which another session is tried beside one that has no answer yet. */
const apart = 250;

export interface SessionLimits {
  readonly pingIntervalMs: number;
  readonly pingTimeoutMs: number;
  /** For the connection and the first answer. */
  readonly connectTimeoutMs: number;
}

type Reach = ConstructorParameters<typeof Http2SessionManager>[2];
type Stream = Awaited<ReturnType<Http2SessionManager['request']>>;
type StreamOptions = Parameters<Http2SessionManager['request']>[3];

/** What a transport needs of `Http2SessionManager`. */
export class Sessions {
  readonly authority: string;
  readonly #open: () => Http2SessionManager;
  readonly #limit: number;
  /** Connections that have that window. */
  readonly #widened = new WeakSet<object>();
  #live: Http2SessionManager | undefined;
  #finding: Promise<Http2SessionManager> | undefined;
  /** When something was last read by a stream. */
  #heard = 0;
  /** Ends the watch over the live session. */
  #guarding: AbortController | undefined;
  /** Ends the attempts under way. */
  #over: AbortController | undefined;

  constructor(url: string, limits: SessionLimits, reach: Reach) {
    this.authority = new URL(url).origin;
    this.#open = () => new Http2SessionManager(url, limits, reach);
    this.#limit = limits.connectTimeoutMs;
  }

  /** Throws why the server is not reached. */
  async ready(): Promise<Http2SessionManager> {
    const live = this.#live;
    if (live && isOpen(live) && (await live.connect()) !== 'error') return live;
    this.#finding ??= this.#find().finally(() => {
      this.#finding = undefined;
    });
    return await this.#finding;
  }

  async request(
    method: string,
    path: string,
    headers: OutgoingHttpHeaders,
    options: StreamOptions,
  ): Promise<Stream> {
    const stream = await (await this.ready()).request(method, path, headers, options);
    this.#widen(stream.session);
    return stream;
  }

  #widen(session: Stream['session']): void {
    if (!session || this.#widened.has(session)) return;
    this.#widened.add(session);
    session.setLocalWindowSize(window);
    session.settings({ initialWindowSize: window });
  }

  notifyResponseByteRead(stream: Stream): void {
    this.#heard = performance.now();
    this.#live?.notifyResponseByteRead(stream);
  }

  /** Closes what is open. */
  abort(): void {
    this.#guarding?.abort();
    this.#live?.abort();
    this.#live = undefined;
    this.#over?.abort();
  }

  /** Fails when the first attempt fails. */
  async #find(): Promise<Http2SessionManager> {
    const over = new AbortController();
    this.#over = over;
    const found = Promise.withResolvers<Http2SessionManager>();
    this.#try(over.signal).then(found.resolve, found.reject);
    const timer = setInterval(
      () => void this.#try(over.signal).then(found.resolve, () => undefined),
      apart,
    ).unref();
    try {
      const live = await found.promise;
      this.#live = live;
      void this.#guard(live);
      return live;
    } finally {
      clearInterval(timer);
      over.abort();
    }
  }

  /** Until it is dead or another one is used. Its streams fail then, and begin again by the next one. */
  async #guard(live: Http2SessionManager): Promise<void> {
    this.#guarding?.abort();
    const guarding = new AbortController();
    this.#guarding = guarding;
    const asked = { ask: (limit: number) => ask(live, limit), heard: () => this.#heard };
    const others = {
      open: (signal: AbortSignal) => this.#another(signal),
      close: (other: Http2SessionManager) => other.abort(),
    };
    const death = await new Liveness(asked, others).watch(guarding.signal).catch(() => undefined);
    if (!death || guarding.signal.aborted) return;
    this.#live = death.other;
    if (death.other) void this.#guard(death.other);
    live.abort(death.why instanceof Error ? death.why : new Late());
  }

  async #another(signal: AbortSignal): Promise<Http2SessionManager> {
    const session = this.#open();
    const close = (): void => session.abort();
    signal.addEventListener('abort', close, { once: true });
    try {
      await answered(session, this.#limit);
      return session;
    } catch (thrown) {
      session.abort();
      throw thrown;
    } finally {
      signal.removeEventListener('abort', close);
    }
  }

  /** A session that is not chosen by the end of all attempts is closed. */
  async #try(over: AbortSignal): Promise<Http2SessionManager> {
    const session = this.#open();
    const close = (): void => {
      if (session !== this.#live) session.abort();
    };
    over.addEventListener('abort', close, { once: true });
    try {
      await answered(session, this.#limit);
    } catch (thrown) {
      session.abort();
      throw thrown;
    }
    // another session was chosen meanwhile
    if (over.aborted) close();
    return session;
  }
}

const isOpen = (session: Http2SessionManager): boolean =>
  ['open', 'idle', 'verifying'].includes(session.state());

async function answered(session: Http2SessionManager, limit: number): Promise<void> {
  const began = performance.now();
  if ((await session.connect()) === 'error') throw session.error();
  await ask(session, Math.max(1, Math.ceil(limit - (performance.now() - began))));
}

/** Any answer will do, a refusal as well. Throws Late, or why there is no connection. */
async function ask(session: Http2SessionManager, timeoutMs: number): Promise<void> {
  const transport = createGrpcTransport({
    ...{ baseUrl: session.authority, sessionManager: session, acceptCompression: [] },
  });
  try {
    await createClient(Maintenance, transport).status({}, { timeoutMs });
  } catch (thrown) {
    const isLate = ConnectError.from(thrown).code === Code.DeadlineExceeded;
    if (isLate) throw new Late();
    if (!isOpen(session)) throw thrown;
  }
}
