/** A request of the API whose answer may be a stream without an end: of a capture the beginning is enough. */
import { request as httpRequest } from 'node:http';

export interface Given {
  readonly status: number;
  readonly text: string;
}

/** Rejected only where there is no answer within half a minute. */
export function give(
  socketPath: string,
  { method, path, json }: { readonly method: string; readonly path: string; readonly json?: unknown },
): Promise<Given> {
  const body = json === undefined ? undefined : JSON.stringify(json);
  return new Promise((resolve, reject) => {
    const headers = { host: 'docker', ...(body !== undefined && { 'content-type': 'application/json' }) };
    const sent = httpRequest({ socketPath, method, path, headers, agent: false });
    sent.setTimeout(30_000, () => sent.destroy(new Error(`no answer to ${method} ${path}`)));
    sent.on('error', reject);
    sent.on('response', (answer) => {
      let text = '';
      const done = (): void => resolve({ status: answer.statusCode ?? 0, text });
      if (answer.headers['content-type'] === 'application/x-pcapng') {
        sent.destroy();
        done();
      }
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      answer.on('end', done).on('error', () => undefined);
    });
    sent.end(body);
  });
}
