/** A row of the table of calls: what is asked, what is answered, and where Docker's answer may be another. */

import { type Beside, peerApi } from '../docker-peer.ts';
import type { EngineHost } from '../engine-host.ts';
import type { Answer, Ask } from '../request.ts';

export interface Row extends Ask {
  /** Method and path, as `GET /v1.41/info`. */
  readonly call: string;
  readonly status: number;
  /** Of an error, with ids as `ID`. */
  readonly message?: string;
  /** Why Docker answers otherwise: the two are not compared then, and must not be the same. */
  readonly differs?: string;
  /** Only such a Docker answers otherwise. */
  readonly beside?: Beside;
}

export const version = `/v${peerApi}`;

const newer = 'newer versions of Docker have this status or these words';
const clearer = 'Docker tells an internal error (500) where the request is to blame';

/** A call that is compared in all that its answer has. */
export const same = (call: string, status = 200, ask: Ask = {}): Row => ({ call, status, ...ask });

/** A call that Docker answers otherwise, for that reason. */
export const differs = (call: string, status: number, why: string, ask: Ask = {}): Row => ({
  ...same(call, status, ask),
  differs: why,
});

/** A refusal, word by word as Docker's. */
export const refused = (call: string, status: number, message: string, ask: Ask = {}): Row => ({
  call,
  status,
  message,
  ...ask,
});

/** A refusal in the words of the Docker that is followed, which older ones may put otherwise. */
export const refusedAsNewer = (call: string, status: number, message: string, ask: Ask = {}): Row => ({
  ...refused(call, status, message, ask),
  differs: newer,
  beside: 'older',
});

/** A bad request that Docker takes for a failure of its own. */
export const blamed = (call: string, message: string, ask: Ask = {}): Row => ({
  ...refused(call, 400, message, ask),
  differs: clearer,
});

/** A body as it is, said to be JSON. */
export const raw = (body: string): Ask => ({ body, headers: { 'content-type': 'application/json' } });

export const json = (value: unknown): Ask => ({ json: value });

/** `?filters=` with that value. */
export const filtered = (filters: unknown): string =>
  `?filters=${encodeURIComponent(typeof filters === 'string' ? filters : JSON.stringify(filters))}`;

export function ask(engine: EngineHost, { call, json: value, body, headers }: Row): Promise<Answer> {
  const [method = '', path = ''] = call.split(' ');
  return engine.api(method, path, {
    ...(value !== undefined && { json: value }),
    ...(body !== undefined && { body }),
    ...(headers && { headers }),
  });
}
