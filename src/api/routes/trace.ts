/** `GET /seaway/trace`: what the engine has done, request by request, and what it does from now on. */
import { fail } from '../../errors.ts';
import { presentTrace } from '../presenters/trace.ts';
import { type Answer, type Call, type Route, route, taken } from '../route.ts';
import { begin, endWithClient, jsonLines } from '../streaming.ts';

/** Bytes of traces that a client has not read, after which its connection is cut. */
const mostUnread = 16 * 1024 * 1024;

/** The last `n`; all that are kept by default. */
function lastOf(text: string): number {
  if (text === '') return Number.POSITIVE_INFINITY;
  if (!/^\d+$/.test(text)) throw fail('BAD_REQUEST', `invalid number of traces: ${text}`);
  return Number(text);
}

/** A line of JSON for each trace, the oldest first. */
function trace({ engine, query, response }: Call): Answer {
  const last = lastOf(query.text('n'));
  const follows = query.flag('follow');
  begin(response, 'application/json');
  endWithClient(response);
  const lines = jsonLines(response);
  const past = engine.tracer.past();
  for (const one of past.slice(Math.max(0, past.length - last))) lines.write(presentTrace(one));
  if (!follows) {
    lines.end();
    return taken;
  }
  const stop = engine.tracer.onTrace((one) => {
    lines.write(presentTrace(one));
    if (response.writableLength > mostUnread) response.destroy();
  });
  response.once('close', stop);
  return taken;
}

export const traceRoutes: readonly Route[] = [
  { ...route('GET', '/seaway/trace', trace), isTelling: true, isUntraced: true },
];
