/** The connection to the resolver, made when it is first needed and again whenever it breaks. */
import { setTimeout as sleep } from 'node:timers/promises';
import { fail } from '../errors.ts';
import type { Logger } from '../observe/logger.ts';
import { version } from '../version.ts';
import { type Connection, ConnectionLost } from './connection.ts';
import { endResolver, findResolver, type Launch, startResolver } from './launch.ts';

type Options = Launch & { readonly logger: Logger };

/** Milliseconds until the first try to bring a resolver back that died by itself, and the longest wait. */
const firstWait = 100;
const longestWait = 10_000;
/** Milliseconds that a resolver must have lived for its end not to count as one more failure. */
const healthy = 60_000;
/** Resolvers that may break the connection at once before it is an error. */
const maxTries = 5;

export class KeptConnection {
  readonly #options: Options;
  #connection: Promise<Connection> | undefined;
  #closed = false;
  #wait = firstWait;
  /** When it was connected to last, in milliseconds. */
  #since = 0;
  #revival: NodeJS.Timeout | undefined;

  constructor(options: Options) {
    this.#options = options;
  }

  /** The connection; the resolver is started if it is not there. */
  current(): Promise<Connection> {
    if (this.#connection) return this.#connection;
    clearTimeout(this.#revival);
    this.#since = performance.now();
    const opening = open(this.#options);
    this.#connection = opening;
    opening.then(
      ({ lost }) => lost.then(() => this.#revive()),
      () => {
        this.#connection = undefined;
      },
    );
    return opening;
  }

  /** Let go of it for good. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#revival);
    this.#connection?.then((open) => open.close()).catch(() => {});
    this.#connection = undefined;
  }

  /** It died: containers have no names until it is back, so do not wait for the next call. */
  #revive(): void {
    this.#connection = undefined;
    if (this.#closed) return;
    const { logger } = this.#options;
    const lived = performance.now() - this.#since;
    this.#wait = lived > healthy ? firstWait : Math.min(this.#wait * 2, longestWait);
    logger.warn('the resolver has ended; starting it again', { wait: this.#wait });
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
 * Connect to the resolver. One of another version is ended first: its records may be others. Where there
 * is none, it is started.
 */
async function open(options: Options): Promise<Connection> {
  const { run, logger } = options;
  for (let tries = 0; tries < maxTries; tries += 1) {
    const running = await findResolver(run);
    if (!running) return startResolver(options);
    try {
      const status = await running.call({ op: 'status' });
      if (status.ok && status.version === version) return running;
      logger.info('replacing the resolver', { version: status.ok ? status.version : '', by: version });
      await endResolver(run, running);
    } catch (error) {
      // It was dying while it still accepted connections.
      if (!(error instanceof ConnectionLost)) throw error;
      await sleep(firstWait);
    }
  }
  throw fail('RUNTIME_FAILED', 'connecting to the resolver', `what listens in ${run} does not answer`);
}
