/** Nodes acknowledge what they are sent to the manager that they have a session with. Each manager tells it to the one that leads. */
import { messageOf } from '../errors.ts';
import type { Logger } from '../observe/logger.ts';
import { lineOf } from './lines.ts';
import { type Telling, type Trust, tellBy } from './remote.ts';
import type { Sessions } from './sessions.ts';
import type { ManagerStore } from './store.ts';

export interface AcknowledgingOptions {
  readonly store: ManagerStore;
  readonly sessions: Sessions;
  readonly managerId: string;
  readonly trust: () => Trust;
  readonly logger: Logger;
}

/** Milliseconds for which changes are collected. */
const collecting = 10;

export class Acknowledging {
  readonly #options: AcknowledgingOptions;
  readonly #stop: () => void;
  #telling: Telling | undefined;
  #leader = '';
  #opening: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #told = '';
  #isClosed = false;

  constructor(options: AcknowledgingOptions) {
    this.#options = options;
    this.#stop = options.store.onChange(() => this.#plan());
    options.sessions.onAcknowledged(() => this.#plan());
  }

  /** Called again and again: the one that leads changes, and connections end. */
  follow(): void {
    const { store, managerId } = this.#options;
    const leader = store.leader === managerId ? '' : store.leader;
    if (leader !== this.#leader) this.#end();
    this.#leader = leader;
    if (leader === '' || this.#telling || this.#isClosed) return;
    this.#opening ??= this.#open(leader).finally(() => {
      this.#opening = undefined;
    });
  }

  /** The leader is reachable and accepts acknowledgements. */
  get isTelling(): boolean {
    return this.#telling !== undefined;
  }

  close(): void {
    this.#isClosed = true;
    this.#stop();
    this.#end();
  }

  async #open(leader: string): Promise<void> {
    const { store, trust, logger } = this.#options;
    const place = store.view.get('nodes', leader)?.manager?.address;
    if (!place) return;
    try {
      const telling = await tellBy(place, { ...trust(), manager: leader });
      if (this.#isClosed || this.#leader !== leader) return telling.close();
      this.#telling = telling;
      this.#told = '';
      telling.closed.finally(() => {
        if (this.#telling === telling) this.#telling = undefined;
      });
      this.#tell();
    } catch (error) {
      logger.debug('the manager that leads is not told what nodes acknowledge', { error: messageOf(error) });
    }
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#telling?.close();
    this.#telling = undefined;
  }

  #plan(): void {
    if (this.#telling) this.#timer ??= setTimeout(() => this.#tell(), collecting).unref();
  }

  #tell(): void {
    this.#timer = undefined;
    const line = lineOf(this.#options.sessions.allAcknowledged());
    if (line === this.#told) return;
    this.#told = line;
    this.#telling?.write(line);
  }
}
