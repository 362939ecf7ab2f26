/** The connection to the resolver, opened when first needed and again when it breaks. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fail } from '../errors.ts';
import type { Logger } from '../observe/logger.ts';
import { version } from '../version.ts';
import { type Connection, ConnectionLost } from './connection.ts';
import { endResolver, findResolver, killResolver, type Launch, startResolver } from './launch.ts';
import { type ControlAnswer, identityOf, protocol } from './protocol.ts';

type Options = Launch & { readonly logger: Logger };

/** Milliseconds before the first restart of a resolver that died, and the longest wait. */
const firstWait = 100;
const longestWait = 3_000;
/** Milliseconds after which a resolver's end resets the wait. */
const healthy = 60_000;
/** Tries before a connection that breaks at once is an error. */
const maxTries = 5;

export class KeptConnection {
  readonly #options: Options;
  readonly #connected: (connection: Connection) => Promise<void>;
  #connection: Promise<Connection> | undefined;
  #settled: Promise<void> = Promise.resolve();
  #closed = false;
  #wait = firstWait;
  /** Time of the last connection in milliseconds. */
  #since = 0;
  #revival: NodeJS.Timeout | undefined;
  /** How often it was restarted. */
  restarts = 0;

  /** `connected` is called with each new connection, which may be in use meanwhile. */
  constructor(options: Options, connected: (connection: Connection) => Promise<void>) {
    this.#options = options;
    this.#connected = connected;
  }

  /** The connection; starts the resolver if need be. */
  current(): Promise<Connection> {
    if (this.#connection) return this.#connection;
    clearTimeout(this.#revival);
    this.#since = performance.now();
    const opening = open(this.#options);
    this.#connection = opening;
    this.#settled = opening.then((open) => this.#begin(open));
    this.#settled.catch(() => {});
    opening.then(
      ({ lost }) => lost.then(() => this.#revive()),
      () => {
        this.#connection = undefined;
      },
    );
    return opening;
  }

  get isOpen(): boolean {
    return this.#connection !== undefined;
  }

  /** Resolves when `connected` is done with the current connection. Rejects if there is none. */
  async settled(): Promise<void> {
    await this.current();
    await this.#settled;
  }

  /** Closes for good. Resolves when a resolver that is being started listens or has failed. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#revival);
    const opening = this.#connection;
    this.#connection = undefined;
    await opening?.then((open) => open.close()).catch(() => {});
  }

  async #begin(open: Connection): Promise<void> {
    try {
      await this.#connected(open);
    } catch (error) {
      // a lost connection is reopened, which starts this again
      if (error instanceof ConnectionLost) return;
      this.#options.logger.error('the resolver does not serve what it should', { error });
    }
  }

  /** Restarts a resolver that died, without waiting for a call: containers have no names until then. */
  #revive(): void {
    this.#connection = undefined;
    if (this.#closed) return;
    const { logger } = this.#options;
    const lived = performance.now() - this.#since;
    this.#wait = lived > healthy ? firstWait : Math.min(this.#wait * 2, longestWait);
    this.restarts += 1;
    logger.warn('the resolver has ended; starting it again', { wait: this.#wait, restarts: this.restarts });
    clearTimeout(this.#revival);
    this.#revival = setTimeout(() => {
      this.current().catch((error: unknown) => {
        logger.error('the resolver does not start', { error });
        this.#revive();
      });
    }, this.#wait);
  }
}

/**
 * Connects to the resolver, and starts it if there is none. One of another version, or that reads another file than
 * the store (a damaged one is set aside), is ended first. One that does not answer is killed.
 */
async function open(options: Options): Promise<Connection> {
  const { run, logger } = options;
  for (let tries = 0; tries < maxTries; tries += 1) {
    try {
      const running = await findResolver(run);
      if (!running) return await startResolver(options);
      const status = await running.call({ op: 'status' });
      if (isOurs(status, options)) return running;
      logger.info('replacing the resolver', { version: status.ok ? status.version : '', by: version });
      await endResolver(run, running);
    } catch (error) {
      // it was ending while it still accepted connections, or it hangs
      if (!(error instanceof ConnectionLost)) throw error;
      if (error.why === 'late' && killResolver(run))
        logger.warn('the resolver did not answer and was killed', { run });
      await sleep(firstWait);
    }
  }
  throw fail('RUNTIME_FAILED', 'connecting to the resolver', `what listens in ${run} does not answer`);
}

function isOurs(status: ControlAnswer, { state }: Options): boolean {
  if (!status.ok || status.version !== version || status.protocol !== protocol) return false;
  const file = statSync(join(state, 'data.mdb'), { throwIfNoEntry: false });
  return file !== undefined && identityOf(file) === status.store;
}
