/** Who has opened the page: a token each, which ends when it is not used. */
import { createHash, randomBytes } from 'node:crypto';
import { type Alarm, setAlarm } from '../../alarm.ts';

export interface Session {
  readonly isWriting: boolean;
  /** Answers under way: while there are any it is in use. */
  open: number;
  alarm: Alarm | undefined;
}

/** Looked up by its digest, so that the time of a look-up tells nothing of the token. */
const digest = (token: string): string => createHash('sha256').update(token).digest('base64');

export class Sessions {
  readonly #byDigest = new Map<string, Session>();
  readonly #patience: number;
  readonly #ended: () => void;
  #isClosed = false;

  /** `ended` is called when the last one has not been used for `patience` milliseconds. */
  constructor(patience: number, ended: () => void) {
    this.#patience = patience;
    this.#ended = ended;
  }

  open(isWriting: boolean): string {
    const token = randomBytes(32).toString('base64url');
    const session: Session = { isWriting, open: 0, alarm: undefined };
    this.#byDigest.set(digest(token), session);
    this.#wait(session);
    return token;
  }

  find(token: string): Session | undefined {
    return token === '' ? undefined : this.#byDigest.get(digest(token));
  }

  /** It is used until the returned function is called. */
  use(session: Session): () => void {
    session.alarm?.cancel();
    session.open += 1;
    return () => {
      session.open -= 1;
      if (session.open === 0) this.#wait(session);
    };
  }

  close(): void {
    this.#isClosed = true;
    for (const { alarm } of this.#byDigest.values()) alarm?.cancel();
    this.#byDigest.clear();
  }

  #wait(session: Session): void {
    session.alarm?.cancel();
    // an answer that ends because all are closed
    if (this.#isClosed) return;
    session.alarm = setAlarm(() => this.#end(session), this.#patience);
  }

  #end(session: Session): void {
    for (const [key, each] of this.#byDigest) if (each === session) this.#byDigest.delete(key);
    if (this.#byDigest.size === 0) this.#ended();
  }
}
