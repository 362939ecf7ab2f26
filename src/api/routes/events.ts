/** `GET /events`: what happened, and what happens from now on. */
import { fail } from '../../errors.ts';
import type { EngineEvent } from '../../observe/events.ts';
import { type Filters, matchesPattern, parseFilters } from '../filters.ts';
import { presentEvent } from '../presenters/event.ts';
import { familiarName } from '../presenters/image-names.ts';
import { type Answer, type Call, type Route, route, taken } from '../route.ts';
import { begin, endWithClient, jsonLines } from '../streaming.ts';
import { parseLimit, parseTimestamp } from '../timestamps.ts';

const known = [
  'config',
  'container',
  'daemon',
  'event',
  'image',
  'label',
  'network',
  'node',
  'plugin',
  'scope',
  'secret',
  'service',
  'type',
  'volume',
];

/** Attributes that are not labels of what it happened to, by type of event. */
const ownAttributes = new Set([
  'name',
  'image',
  'exitCode',
  'signal',
  'container',
  'type',
  'driver',
  'execID',
]);

function labelsOf(event: EngineEvent): Readonly<Record<string, string>> {
  const pairs = Object.entries(event.attributes).filter(([key]) => !ownAttributes.has(key));
  return Object.fromEntries(pairs);
}

/** A filter by subject (`container=web`) lets only events of that type through, by id, name or prefix. */
function passesSubject(filters: Filters, event: EngineEvent, type: string): boolean {
  if (!filters.has(type)) return true;
  if (event.type !== type) return false;
  const { name = '' } = event.attributes;
  return filters
    .values(type)
    .some((value) => value === event.id || value === name || matchesPattern(`^${value}`, event.id));
}

/** An image may be named for events of containers, too. */
function passesImage(filters: Filters, event: EngineEvent): boolean {
  if (!filters.has('image')) return true;
  const named = event.type === 'image' ? (event.attributes.name ?? event.id) : (event.attributes.image ?? '');
  return filters
    .values('image')
    .some((value) => value === event.id || familiarName(value) === familiarName(named) || value === named);
}

/** `exec_create` matches `exec_create: sh -c true`. */
const actionOf = (event: EngineEvent): string => event.action.split(':')[0] ?? event.action;

export function passesEvent(filters: Filters, event: EngineEvent): boolean {
  return (
    filters.exactly('type', event.type) &&
    (filters.exactly('event', event.action) || filters.exactly('event', actionOf(event))) &&
    filters.exactly('scope', 'local') &&
    filters.labels('label', labelsOf(event)) &&
    passesImage(filters, event) &&
    ['container', 'network', 'volume', 'daemon', 'plugin', 'service', 'node', 'secret', 'config'].every(
      (type) => passesSubject(filters, event, type),
    )
  );
}

/** setTimeout's longest wait. */
const longest = 2 ** 31 - 1;

/** Past ones from `since` on, then new ones until `until` or until the client is gone. */
function events({ engine, query, response }: Call): Answer {
  const filters = parseFilters(query.text('filters'), known);
  const now = Date.now();
  const since = parseLimit(query.text('since'), now);
  const until = query.text('until') === '' ? undefined : parseTimestamp(query.text('until'), now);
  if (since !== undefined && until !== undefined && until < since) {
    const [from, to] = ['since', 'until'].map((name) => query.text(name));
    throw fail('BAD_REQUEST', `\`since\` time (${from}) cannot be after \`until\` time (${to})`);
  }
  begin(response, 'application/json');
  endWithClient(response);
  const lines = jsonLines(response);
  const tell = (event: EngineEvent): void => {
    if (until !== undefined && event.time > until) return;
    if (passesEvent(filters, event)) lines.write(presentEvent(event));
  };
  if (since !== undefined) for (const event of engine.events.past()) if (event.time >= since) tell(event);
  const left = until === undefined ? undefined : Number(until / 1_000_000n) - now;
  if (left !== undefined && left <= 0) {
    lines.end();
    return taken;
  }
  const stop = engine.events.listen(tell);
  const timer = left === undefined ? undefined : setTimeout(() => lines.end(), Math.min(left, longest));
  response.once('close', () => {
    stop();
    clearTimeout(timer);
  });
  return taken;
}

export const eventRoutes: readonly Route[] = [route('GET', '/events', events)];
