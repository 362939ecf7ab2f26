/** Calls of the API by a bench, and their times. */
import { type Agent, request } from 'node:http';

export interface Engine {
  readonly socketPath: string;
  readonly agent: Agent;
}

export type Call = (method: string, path: string, body?: unknown) => Promise<string>;

/** Calls that give the body of the answer. Rejects for a status of 300 or above. */
export const callsOf =
  ({ socketPath, agent }: Engine): Call =>
  (method, path, body) =>
    new Promise((resolve, reject) => {
      const headers = body === undefined ? {} : { 'content-type': 'application/json' };
      const sent = request({ socketPath, method, path, agent, headers }, async (answer) => {
        const parts: Buffer[] = [];
        for await (const part of answer) parts.push(part as Buffer);
        const text = Buffer.concat(parts).toString();
        if ((answer.statusCode ?? 500) < 300) resolve(text);
        else reject(new Error(`${method} ${path}: ${answer.statusCode} ${text}`));
      });
      sent.on('error', reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });

/** Milliseconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}
