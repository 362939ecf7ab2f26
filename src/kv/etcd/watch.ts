/** Parts of a watch stream. */
import type { Entry } from '../kv.ts';
import type { Keys } from './keys.ts';
import { entryOf } from './range.ts';
import type { Event, WatchRequest, WatchResponse } from './rpc_pb.ts';

/** Event.EventType DELETE. */
const deleted = 1;

/** The last event of each key. */
export function changesOf(keys: Keys, events: readonly Event[]): { put: Entry[]; removed: string[] } {
  const last = new Map<string, Event>();
  for (const event of events) if (event.kv) last.set(keys.name(event.kv.key), event);
  const put: Entry[] = [];
  const removed: string[] = [];
  for (const [key, { type, kv }] of last) {
    if (type === deleted) removed.push(key);
    else if (kv) put.push(entryOf(keys, kv));
  }
  return { put, removed };
}

/** A request stream with one request that stays open until the signal aborts. */
export async function* oneRequest(request: WatchRequest, signal: AbortSignal): AsyncGenerator<WatchRequest> {
  yield request;
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

/** Joins the fragments of a response. */
export async function* whole(responses: AsyncIterable<WatchResponse>): AsyncGenerator<WatchResponse> {
  let parts: Event[] = [];
  for await (const response of responses) {
    parts.push(...response.events);
    if (response.fragment) continue;
    yield { ...response, events: parts };
    parts = [];
  }
}
