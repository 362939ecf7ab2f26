/** The engine's side: one connection to the resolver, which is started whenever it is not there. */
import { fail } from '../errors.ts';
import type { Logger } from '../observe/logger.ts';
import { ConnectionLost } from './connection.ts';
import { KeptConnection } from './kept-connection.ts';
import { endResolver, findResolver } from './launch.ts';
import type { ControlAnswer, ControlRequest, ResolverStatus } from './protocol.ts';

export interface ResolverClientOptions {
  /** The engine's exec root; the control socket, the pid file and the log are made in it. */
  readonly run: string;
  /** Folder of the store. */
  readonly state: string;
  /** Program and arguments that start the resolver; its flags are put behind them. */
  readonly launcher: readonly string[];
  readonly logger: Logger;
}

export interface ResolverClient {
  /** Start the resolver if it is not there, and connect. Other methods do so too when they must. */
  start(): Promise<void>;
  /** The sandbox is served when this resolves. Its record must be in the store. Errors: KERNEL, ... */
  ensure(sandboxId: string): Promise<void>;
  /** Before the sandbox's namespace is removed: the resolver's sockets would keep it. */
  forget(sandboxId: string): Promise<void>;
  status(): Promise<ResolverStatus>;
  /** End the resolver. */
  stop(): Promise<void>;
  /** Let go of it; it goes on answering. */
  close(): void;
}

/** The resolver of an engine. Nothing is started or connected before the first call. */
export function connectResolver(options: ResolverClientOptions): ResolverClient {
  const kept = new KeptConnection(options);
  const call = async (request: ControlRequest): Promise<ControlAnswer & { readonly ok: true }> => {
    const answer = await (await kept.current()).call(request);
    if (!answer.ok) throw fail('RUNTIME_FAILED', 'asking the resolver', answer.error);
    return answer;
  };
  /** A connection that breaks says nothing of the request: ask the resolver that comes next, once. */
  const callTwice = (request: ControlRequest) =>
    call(request).catch((error: unknown) => {
      if (!(error instanceof ConnectionLost)) throw error;
      return call(request);
    });
  return {
    start: async () => void (await kept.current()),
    ensure: async (sandbox) => void (await callTwice({ op: 'ensure', sandbox })),
    forget: async (sandbox) => void (await callTwice({ op: 'forget', sandbox })),
    async status() {
      const { version = '', pid = 0, sandboxes = [], faults = 0 } = await callTwice({ op: 'status' });
      return { version, pid, sandboxes, faults };
    },
    async stop() {
      kept.close();
      const running = await findResolver(options.run);
      if (running) await endResolver(options.run, running);
    },
    close: () => kept.close(),
  };
}
