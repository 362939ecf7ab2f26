/** Calls to the engine, each with the token of the link. */

/** The engine has refused, or cannot be reached (status 0). */
export class CallError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export type Query = Readonly<Record<string, string>>;

async function problemOf(answer: Response): Promise<CallError> {
  const text = await answer.text();
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    return new CallError(answer.status, typeof message === 'string' ? message : text);
  } catch {
    return new CallError(answer.status, text || answer.statusText);
  }
}

export class Engine {
  readonly #token: string;

  constructor(token: string) {
    this.#token = token;
  }

  async get<T>(path: string, query?: Query): Promise<T> {
    const answer = await this.#send(path, { query });
    return (await answer.json()) as T;
  }

  async post(path: string, body?: unknown): Promise<void> {
    await this.#send(path, { method: 'POST', body });
  }

  /** Lines of JSON until the connection ends. */
  async *lines<T>(path: string, { query, signal }: { query: Query; signal: AbortSignal }): AsyncGenerator<T> {
    const { body } = await this.#send(path, { query, signal });
    const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
    if (!reader) return;
    const parts: string[] = [];
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const lines = value.split('\n');
      parts.push(lines.shift() ?? '');
      for (const next of lines) {
        const line = parts.splice(0).join('').trim();
        parts.push(next);
        if (line !== '') yield JSON.parse(line) as T;
      }
    }
  }

  /** All bytes until the signal is aborted. */
  async record(
    path: string,
    { query, signal, more }: { query: Query; signal: AbortSignal; more: (bytes: number) => void },
  ): Promise<readonly Uint8Array<ArrayBuffer>[]> {
    const { body } = await this.#send(path, { query });
    const reader = body?.getReader();
    const parts: Uint8Array<ArrayBuffer>[] = [];
    const end = (): void => void reader?.cancel();
    signal.addEventListener('abort', end);
    // before the first byte
    if (signal.aborted) end();
    for (let bytes = 0; reader; ) {
      const { value, done } = await reader.read();
      if (done) break;
      parts.push(value);
      bytes += value.length;
      more(bytes);
    }
    return parts;
  }

  async #send(
    path: string,
    sent: { method?: string; query?: Query | undefined; body?: unknown; signal?: AbortSignal },
  ): Promise<Response> {
    const search = sent.query ? `?${new URLSearchParams(sent.query)}` : '';
    const hasBody = sent.body !== undefined;
    const answer = await fetch(`/api${path}${search}`, {
      method: sent.method ?? 'GET',
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(hasBody && { 'content-type': 'application/json' }),
      },
      ...(hasBody && { body: JSON.stringify(sent.body) }),
      ...(sent.signal && { signal: sent.signal }),
    }).catch((error: Error) => {
      if (error.name === 'AbortError') throw error;
      throw new CallError(0, 'the engine cannot be reached');
    });
    if (!answer.ok) throw await problemOf(answer);
    return answer;
  }
}

const key = 'seaway-token';

/** The token of the link, which is taken out of the address bar, or the one that this tab had before. */
export function takeToken(): string {
  const given = location.hash.slice(1);
  if (given !== '') {
    sessionStorage.setItem(key, given);
    history.replaceState(null, '', location.pathname);
  }
  return given || (sessionStorage.getItem(key) ?? '');
}
