/** The Engine API by plain HTTP, for what no client would send. */
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';

export interface Ask {
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is. */
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds until it is given up; a minute if nothing else is said. */
  readonly patience?: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body, parsed; undefined where it is not JSON. */
  readonly json: unknown;
  /** `message` of an error, or the bare text of one. */
  readonly message: string;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Rejected only where there is no answer. */
export function request(
  socketPath: string,
  {
    method,
    path,
    json,
    body,
    headers,
    patience = 60_000,
  }: Ask & { readonly method: string; readonly path: string },
): Promise<Answer> {
  const content = json === undefined ? body : JSON.stringify(json);
  return new Promise((resolve, reject) => {
    const sent = httpRequest({
      socketPath,
      method,
      path,
      agent: false,
      headers: {
        host: 'docker',
        ...(json !== undefined && { 'content-type': 'application/json' }),
        ...(content !== undefined && { 'content-length': String(Buffer.byteLength(content)) }),
        ...headers,
      },
    });
    sent.setTimeout(patience, () => sent.destroy(new Error(`${method} ${path}: no answer`)));
    sent.on('error', reject);
    sent.on('response', (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      answer.on('error', reject);
      answer.on('end', () => {
        const value = parsed(text);
        const bare = (answer.statusCode ?? 0) >= 400 && value === undefined ? text.trim() : '';
        const message = String((value as { message?: unknown } | undefined)?.message ?? bare);
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text, json: value, message });
      });
    });
    sent.end(content);
  });
}
