/** `GET /events`: past and new events. */
import { setAlarm } from '../../alarm.ts';
import { fail } from '../../errors.ts';
import { repositoryOf } from '../../images/reference.ts';
import type { EngineEvent } from '../../observe/events.ts';
import { type Filters, parseFilters } from '../filters.ts';
import { presentEvent } from '../presenters/event.ts';
import { type Answer, type Call, type Route, route, taken } from '../route.ts';
import { begin, endWithClient, jsonLines } from '../streaming.ts';
import { parseMoment } from '../timestamps.ts';

/** Kinds of subjects that a filter may name, by id or name or the beginning of one. */
const subjects = [
  'daemon',
  'container',
  'plugin',
  'volume',
  'network',
  'node',
  'service',
  'secret',
  'config',
];

const passesSubject = (filters: Filters, { id, attributes }: EngineEvent, kind: string): boolean =>
  filters.begins(kind, id) || filters.begins(kind, attributes.name ?? '');

/** The repository of a reference, as Docker shows it; other text unchanged. */
function withoutTag(name: string): string {
  try {
    return repositoryOf(name);
  } catch {
    return name;
  }
}

/** An image may be named for events of containers, too; with the tag that the event has, or without. */
function passesImage(filters: Filters, { id, type, attributes }: EngineEvent): boolean {
  const name = (type === 'image' ? attributes.name : attributes.image) ?? '';
  return [id, name, withoutTag(id), withoutTag(name)].some((subject) => filters.exactly('image', subject));
}

/** Actions that have their subject in them: `exec_create: sh -c true`. */
const longActions = ['health_status', 'exec_create', 'exec_start'];

function passesAction(filters: Filters, { action }: EngineEvent): boolean {
  const isLong = filters.values('event').some((value) => longActions.includes(value));
  return isLong ? filters.begins('event', action) : filters.exactly('event', action);
}

export function passesEvent(filters: Filters, event: EngineEvent): boolean {
  return (
    passesAction(filters, event) &&
    filters.exactly('type', event.type) &&
    filters.exactly('scope', event.scope ?? 'local') &&
    subjects.every((kind) => passesSubject(filters, event, kind)) &&
    passesImage(filters, event) &&
    filters.labels('label', event.attributes)
  );
}

/** Bytes of events that a client has not read, after which its connection is cut. */
const mostUnread = 16 * 1024 * 1024;

/** Past ones from `since` on, then new ones until `until` or until the client is gone. */
function events({ engine, query, response }: Call): Answer {
  const filters = parseFilters(query.text('filters'));
  const now = Date.now();
  const since = parseMoment(query.text('since'));
  const until = parseMoment(query.text('until'));
  if (since !== undefined && until !== undefined && until < since) {
    const [from, to] = ['since', 'until'].map((name) => query.text(name));
    throw fail('BAD_REQUEST', `\`since\` time (${from}) cannot be after \`until\` time (${to})`);
  }
  begin(response, 'application/json');
  endWithClient(response);
  const lines = jsonLines(response);
  const send = (event: EngineEvent): void => {
    if (until !== undefined && event.time > until) return;
    if (passesEvent(filters, event)) lines.write(presentEvent(event));
    if (response.writableLength > mostUnread) response.destroy();
  };
  if (since !== undefined || until !== undefined)
    for (const event of engine.events.past()) if (event.time >= (since ?? 0n)) send(event);
  const left = until === undefined ? undefined : Number(until / 1_000_000n) - now;
  if (left !== undefined && left <= 0) {
    lines.end();
    return taken;
  }
  const stop = engine.events.listen(send);
  const end = left === undefined ? undefined : setAlarm(() => lines.end(), left);
  response.once('close', () => {
    stop();
    end?.cancel();
  });
  return taken;
}

export const eventRoutes: readonly Route[] = [route('GET', '/events', events)];
