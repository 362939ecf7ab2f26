/** Requests that are being answered: an engine that ends waits for them, within a limit. */
import type { ServerResponse } from 'node:http';
import { fail } from '../errors.ts';

export interface Work {
  /** For people: `POST /containers/web/start`. */
  readonly doing: string;
  /** It only reports events and may take for ever (`wait`); it is not awaited. */
  readonly isTelling: boolean;
  /** The response; undefined for a hijacked connection. */
  readonly response?: ServerResponse;
}

export class UnderWay {
  readonly #works = new Map<Work, Promise<void>>();
  #ending = false;

  /** Does it, unless the engine ends: throws ENGINE_ENDS then. */
  async during<T>(work: Work, task: () => Promise<T>): Promise<T> {
    if (this.#ending) throw fail('ENGINE_ENDS');
    const result = task();
    const ended = result.then(nothing, nothing);
    this.#works.set(work, ended);
    void ended.then(() => isSent(work.response)).then(() => this.#works.delete(work));
    return await result;
  }

  /**
   * Nothing begins any more. Resolves when all that was begun is answered, or after so many milliseconds, with what is
   * left. Answers that only tell are cut at once.
   */
  async end(limit: number): Promise<readonly string[]> {
    this.#ending = true;
    const cut = [...this.#works.keys()].filter(isCut);
    for (const { response } of cut) response?.destroy();
    const rest = [...this.#works].filter(([work]) => !isCut(work));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, limit);
    });
    const answered = rest.map(([{ response }, ended]) => ended.then(() => isSent(response)));
    await Promise.race([Promise.all(answered), late]);
    clearTimeout(timer);
    return rest.filter(([work]) => this.#works.has(work)).map(([{ doing }]) => doing);
  }
}

const nothing = (): void => undefined;

/** A GET whose answer has begun sends a stream. */
const isCut = ({ isTelling, doing, response }: Work): boolean =>
  isTelling || (doing.startsWith('GET ') && response?.headersSent === true);

/** Resolves when the answer was passed to the kernel, or the client has gone. */
const isSent = (response: ServerResponse | undefined): Promise<void> =>
  new Promise((resolve) => {
    if (!response || response.closed || response.writableFinished || response.destroyed) return resolve();
    response.once('close', resolve).once('finish', resolve);
  });
