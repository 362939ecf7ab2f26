/** `/containers/{id}/...`: logs and statistics. */
import type { StatsSample } from '../../engine/container-verbs.ts';
import { fail, hasCode } from '../../errors.ts';
import { mediaType } from '../hijack/route.ts';
import { presentStats } from '../presenters/stats.ts';
import { type Answer, type Call, json, param, type Route, route, taken } from '../route.ts';
import { drained, endWithClient, jsonLines, sendStream, withReason } from '../streaming.ts';
import { parseLimit } from '../timestamps.ts';

function tailOf(text: string): number | undefined {
  return /^[0-9]+$/.test(text) ? Number(text) : undefined;
}

async function logs(call: Call): Promise<Answer> {
  const { engine, query, version, log } = call;
  const stdout = query.flag('stdout');
  const stderr = query.flag('stderr');
  if (!stdout && !stderr) throw fail('BAD_REQUEST', 'Bad parameters: you must choose at least one stream');
  const { container } = engine.containers.get(param(call, 'id'));
  const tail = tailOf(query.text('tail'));
  const since = parseLimit(query.text('since'));
  const until = parseLimit(query.text('until'));
  const gone = new AbortController();
  call.response.once('close', () => gone.abort());
  const lines = engine.containers.logs(container.id, {
    stdout,
    stderr,
    timestamps: query.flag('timestamps'),
    follow: query.flag('follow'),
    details: query.flag('details'),
    gone: gone.signal,
    ...(tail !== undefined && { tail }),
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
  });
  if (query.flag('follow')) endWithClient(call.response);
  return await sendStream(call.response, withReason(lines, { tty: container.config.Tty }), {
    contentType: mediaType(version, container.config.Tty),
    log,
  });
}

/** Milliseconds between samples, as Docker takes them. */
const interval = 1000;

/** Resolves after that time, or as soon as the client is gone. */
function pause(call: Call): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      call.response.off('close', done);
      resolve();
    };
    const timer = setTimeout(done, interval);
    call.response.once('close', done);
  });
}

/** One answer: at once with `one-shot` (API 1.41), else after a second sample, for rates. */
async function statsOnce(call: Call, id: string): Promise<Answer> {
  const { containers } = call.engine;
  const first = await containers.stats(id);
  if (!first || (call.version >= 41 && call.query.flag('one-shot')))
    return json(presentStats(containers.get(id).container, first, undefined));
  await pause(call);
  const second = await containers.stats(id);
  return json(presentStats(containers.get(id).container, second, first));
}

function unlessGone<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (hasCode(error, 'CONTAINER_NOT_FOUND')) return undefined;
    throw error;
  }
}

/** A line per second until the client disconnects or the container is removed. */
async function statsStream(call: Call, id: string): Promise<Answer> {
  const { containers } = call.engine;
  endWithClient(call.response);
  const lines = jsonLines(call.response);
  let before: StatsSample | undefined;
  while (!call.response.destroyed) {
    const there = unlessGone(() => containers.get(id));
    if (!there) break;
    const sample = await containers.stats(id);
    lines.write(presentStats(there.container, sample, before));
    // a client that does not read is sent no more
    await drained(call.response);
    before = sample;
    await pause(call);
  }
  lines.end();
  return taken;
}

function stats(call: Call): Promise<Answer> {
  const { id } = call.engine.containers.get(param(call, 'id')).container;
  return call.query.flag('stream', true) ? statsStream(call, id) : statsOnce(call, id);
}

export const containerOutputRoutes: readonly Route[] = [
  route('GET', '/containers/:id/logs', logs),
  route('GET', '/containers/:id/stats', stats),
];
