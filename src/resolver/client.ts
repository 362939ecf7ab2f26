/** The engine's side: one connection to the resolver, which is started whenever it is not there. */
import { fail, messageOf } from '../errors.ts';
import type { Logger } from '../observe/logger.ts';
import { type Connection, ConnectionLost } from './connection.ts';
import { type Call, outdated, type ServingOptions, serveSandbox } from './keep-served.ts';
import { KeptConnection } from './kept-connection.ts';
import { endResolver, findResolver } from './launch.ts';
import type { ControlAnswer, ControlRequest } from './protocol.ts';

export interface ResolverClientOptions extends ServingOptions {
  /** The engine's exec root; the sockets, the pid file and the log are made in it. */
  readonly run: string;
  /** Folder of the store. */
  readonly state: string;
  /** Program and arguments that start the resolver; its flags are put behind them. */
  readonly launcher: readonly string[];
  readonly logger: Logger;
}

export interface ResolverState {
  readonly version: string;
  readonly pid: number;
  /** Ids of the sandboxes that are served. */
  readonly sandboxes: readonly string[];
  /** Errors since it started that no question waited for. */
  readonly faults: number;
}

export interface ResolverClient {
  /** Start the resolver if it is not there, and connect. Other methods do so too when they must. */
  start(): Promise<void>;
  /** The sandbox is served when this resolves. Its record must be in the store. Errors: KERNEL, ... */
  ensure(sandboxId: string): Promise<void>;
  /** Before the sandbox's namespace is removed: the resolver's sockets would keep it. */
  forget(sandboxId: string): Promise<void>;
  /** Once every sandbox of the store that can be is served, and no other. */
  status(): Promise<ResolverState>;
  /** How often it had to be started again because it had ended. */
  restarts(): number;
  /** End the resolver. */
  stop(): Promise<void>;
  /** Let go of it; it goes on answering. */
  close(): void;
}

/** The resolver of an engine. Nothing is started or connected before the first call. */
export function connectResolver(options: ResolverClientOptions): ResolverClient {
  const turns = createTurns();
  const serve = (id: string, call: Call): Promise<void> => turns(id, () => serveSandbox(options, id, call));
  const kept = new KeptConnection(options, (connection) => serveAll(options, { connection, serve }));
  const call: Call = async (request) => askOver(await kept.current(), request);
  // A container may have flushed its rules, which nobody is told of.
  const lookSlowly = inOrder(options, (id) => serve(id, call));
  const slow = setInterval(() => {
    if (kept.isOpen) lookSlowly().catch(() => {});
  }, slowLook).unref();
  const close = (): Promise<void> => {
    clearInterval(slow);
    return kept.close();
  };
  return {
    start: async () => void (await kept.current()),
    ensure: (id) => twice(() => serve(id, call)),
    forget: (id) => twice(() => turns(id, async () => void (await call({ op: 'forget', sandbox: id })))),
    async status() {
      await kept.settled();
      const { version = '', pid = 0, served = [], faults = 0 } = await twice(() => call({ op: 'status' }));
      const gone = new Set(outdated(options, served));
      for (const sandbox of gone) await twice(() => call({ op: 'forget', sandbox }));
      const sandboxes = served.map(({ sandbox }) => sandbox).filter((sandbox) => !gone.has(sandbox));
      return { version, pid, sandboxes, faults };
    },
    restarts: () => kept.restarts,
    async stop() {
      await close();
      const running = await findResolver(options.run);
      if (running) await endResolver(options.run, running);
    },
    close: () => void close(),
  };
}

/** Milliseconds between looks, and the sandboxes of each. */
const slowLook = 60_000;
const sandboxesAtATime = 100;

/** A function that looks at the next sandboxes of the store, and begins again behind the last. */
function inOrder({ records }: ServingOptions, look: (id: string) => Promise<void>): () => Promise<void> {
  let last = '';
  return async () => {
    records.refresh();
    const all = Array.from(records.sandboxes(), ({ sandboxId }) => sandboxId).sort();
    const next = all.filter((id) => id > last).slice(0, sandboxesAtATime);
    last = next.length < sandboxesAtATime ? '' : (next.at(-1) ?? '');
    for (const id of next) await look(id).catch(() => {});
  };
}

/** A connection that breaks says nothing of the request: ask the resolver that comes next, once. */
const twice = <T>(action: () => Promise<T>): Promise<T> =>
  action().catch((error: unknown) => {
    if (!(error instanceof ConnectionLost)) throw error;
    return action();
  });

async function askOver(
  connection: Connection,
  request: ControlRequest,
): Promise<ControlAnswer & { readonly ok: true }> {
  const answer = await connection.call(request);
  if (!answer.ok) throw fail('RUNTIME_FAILED', 'asking the resolver', answer.error);
  return answer;
}

interface Serving {
  readonly connection: Connection;
  readonly serve: (id: string, call: Call) => Promise<void>;
}

/** On a new connection: what went while there was none is dropped, and all that there is is served. */
async function serveAll(options: ResolverClientOptions, { connection, serve }: Serving): Promise<void> {
  const { records, logger } = options;
  const call: Call = (request) => askOver(connection, request);
  const { served = [] } = await call({ op: 'status' });
  for (const sandbox of outdated(options, served)) await call({ op: 'forget', sandbox });
  records.refresh();
  for (const { sandboxId } of [...records.sandboxes()])
    await serve(sandboxId, call).catch((error: unknown) => {
      if (error instanceof ConnectionLost) throw error;
      logger.warn('the names of a sandbox are not served', { sandbox: sandboxId, error: messageOf(error) });
    });
}

/** Runs what concerns one sandbox one after the other. */
function createTurns(): <T>(id: string, action: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>();
  return (id, action) => {
    const turn = (last.get(id) ?? Promise.resolve()).then(action);
    const settled = turn
      .catch(() => {})
      .finally(() => {
        if (last.get(id) === settled) last.delete(id);
      });
    last.set(id, settled);
    return turn;
  };
}
