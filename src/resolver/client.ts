/** The engine's client of the resolver, which it starts when it is not running. */
import { join } from 'node:path';
import { fail, hasCode, messageOf } from '../errors.ts';
import type { Logger } from '../observe/logger.ts';
import { watchAnswers } from './answer-watch.ts';
import type { AnsweredName } from './answered.ts';
import { type Connection, ConnectionLost } from './connection.ts';
import { labelFor } from './inbox.ts';
import { type Call, outdated, type ServingOptions, sendSockets, serveSandbox } from './keep-served.ts';
import { KeptConnection } from './kept-connection.ts';
import { endRunning } from './launch.ts';
import {
  type ControlAnswer,
  type ControlRequest,
  type RelayChange,
  type RelayTargets,
  socketName,
} from './protocol.ts';
import { relayLabel } from './relay.ts';
import type { DnsCounts } from './tally.ts';

export interface ResolverClientOptions extends ServingOptions {
  /** The engine's exec root, for the sockets, the pid file and the log. */
  readonly run: string;
  /** Folder of the store. */
  readonly state: string;
  /** Program and arguments that start the resolver; its flags are appended. */
  readonly launcher: readonly string[];
  readonly logger: Logger;
  /** Told of the ports that a resolver passes on (targets by place), with each connection to one. */
  readonly connected?: (relays: RelayTargets) => void;
  /** Told of addresses that are answered for names that a sandbox watches. Never throws. */
  readonly answered?: (answered: AnsweredName) => void;
}

export interface ResolverState {
  readonly version: string;
  readonly pid: number;
  /** Ids of served sandboxes. */
  readonly sandboxes: readonly string[];
  /** Errors since it started, other than those of questions. */
  readonly faults: number;
}

export interface ResolverClient {
  /** Starts the resolver if need be, and connects. The other methods do so too. */
  start(): Promise<void>;
  /** Resolves when the sandbox is served. Its record must be in the store. Throws KERNEL, RUNTIME_FAILED. */
  ensure(sandboxId: string): Promise<void>;
  /** Must be called before the sandbox's namespace is removed, because the resolver's sockets keep it alive. */
  forget(sandboxId: string): Promise<void>;
  /** Changes what the process passes on. Descriptors stay the caller's. */
  relay(order: RelayOrder): Promise<void>;
  /** Resolves once all sandboxes of the store that can be served are, and no others. */
  status(): Promise<ResolverState>;
  /** Counts of questions and answers since it started; undefined while there is no connection to it. Changes nothing. */
  counts(): Promise<DnsCounts | undefined>;
  /** How often it was restarted because it had ended. */
  restarts(): number;
  /** Ends the resolver. */
  stop(): Promise<void>;
  /** Closes the connection; the resolver goes on answering. */
  close(): void;
}

/** As `RelayChange`, with the sockets by place. */
export interface RelayOrder extends Pick<RelayChange, 'moved' | 'gone'> {
  readonly sent: readonly (readonly [place: string, target: string, descriptor: number])[];
}

/** Nothing is started or connected before the first call. */
export function connectResolver(options: ResolverClientOptions): ResolverClient {
  const turns = createTurns();
  const serve = (id: string, call: Call): Promise<void> => turns(id, () => serveSandbox(options, id, call));
  let endWatch = (): void => {};
  const kept = new KeptConnection(options, (connection) => {
    endWatch();
    if (options.answered) endWatch = watchAnswers(join(options.run, socketName), options.answered);
    return serveAll(options, { connection, serve });
  });
  const call: Call = async (request) => askOver(await kept.current(), request);
  // a container may have flushed its rules, which causes no event
  const lookSlowly = inOrder(options, (id) => serve(id, call));
  const slow = setInterval(() => {
    if (kept.isOpen) lookSlowly().catch(() => {});
  }, slowLook).unref();
  const close = (): Promise<void> => {
    clearInterval(slow);
    endWatch();
    return kept.close();
  };
  return {
    start: async () => void (await kept.current()),
    ensure: (id) => twice(() => serve(id, call)),
    forget: (id) => twice(() => turns(id, async () => void (await call({ op: 'forget', sandbox: id })))),
    relay: (order) => twice(async () => relayOver(await kept.current(), order, options.run)),
    async status() {
      await kept.settled();
      const { version = '', pid = 0, served = [], faults = 0 } = await twice(() => call({ op: 'status' }));
      const gone = new Set(await outdated(options, served));
      for (const sandbox of gone) await twice(() => call({ op: 'forget', sandbox }));
      const sandboxes = served.map(({ sandbox }) => sandbox).filter((sandbox) => !gone.has(sandbox));
      return { version, pid, sandboxes, faults };
    },
    counts: async () =>
      kept.isOpen ? (await askOver(await kept.current(), { op: 'status' })).counts : undefined,
    restarts: () => kept.restarts,
    async stop() {
      await close();
      await endRunning(options.run);
    },
    close: () => void close(),
  };
}

/** Milliseconds between checks, and sandboxes per check. */
const slowLook = 60_000;
const sandboxesAtATime = 100;

/** A function that checks the next sandboxes of the store, and starts over after the last. */
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

/** Repeats the request once on the next connection if the connection broke. */
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

/** On a new connection: forgets removed sandboxes and serves all existing ones. */
async function serveAll(options: ResolverClientOptions, { connection, serve }: Serving): Promise<void> {
  const { records, logger } = options;
  const call: Call = (request) => askOver(connection, request);
  const { served = [], relays = {} } = await call({ op: 'status' });
  options.connected?.(relays);
  for (const sandbox of await outdated(options, served)) await call({ op: 'forget', sandbox });
  records.refresh();
  for (const { sandboxId } of [...records.sandboxes()])
    await serve(sandboxId, call).catch((error: unknown) => {
      if (error instanceof ConnectionLost) throw error;
      logger.warn('the names of a sandbox are not served', { sandbox: sandboxId, error: messageOf(error) });
    });
}

async function relayOver(connection: Connection, order: RelayOrder, run: string): Promise<void> {
  const { moved, gone, sent } = order;
  await tellRelays(connection, { moved, gone, sent: [] }, run);
  for (let at = 0; at < sent.length; at += relaysAtATime)
    await tellRelays(connection, { moved: {}, gone: [], sent: sent.slice(at, at + relaysAtATime) }, run);
}

/** Sockets in one message. */
const relaysAtATime = 200;
let orders = 0;

async function tellRelays(connection: Connection, order: RelayOrder, run: string): Promise<void> {
  const { sent, ...changes } = order;
  const name = String(++orders);
  if (sent.length + changes.gone.length + Object.keys(changes.moved).length === 0) return;
  for (let attempt = 1; ; attempt++) {
    const sockets = sent.map(([, , descriptor]) => descriptor);
    const uses = sockets.map(() => 'relay' as const);
    if (sockets.length > 0) await sendSockets(run, labelFor(relayLabel(name), uses), sockets);
    try {
      const targets = Object.fromEntries(sent.map(([place, target]) => [place, target]));
      return void (await askOver(connection, { op: 'relay', name, sent: targets, ...changes }));
    } catch (error) {
      // a request for the status that came before it has closed what was sent
      if (!hasCode(error, 'RUNTIME_FAILED') || attempt === relayTries) throw error;
    }
  }
}

const relayTries = 3;

/** Serialises actions on the same sandbox. */
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
