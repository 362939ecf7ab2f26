/** `/containers/{id}/...`: starting, stopping, and waiting for the end. */
import { fail, messageOf } from '../../errors.ts';
import { parseDetachKeys } from '../hijack/detach-keys.ts';
import { type Answer, type Call, empty, param, type Route, route, taken } from '../route.ts';
import { begin, goneWith } from '../streaming.ts';
import { terminalSize } from '../terminal-size.ts';

async function start(call: Call): Promise<Answer> {
  // A HostConfig here was for clients before 1.22.
  if (Number(call.headers['content-length'] ?? 0) > 7) {
    throw fail(
      'BAD_REQUEST',
      'starting container with non-empty request body was deprecated since API v1.22 and removed in v1.24',
    );
  }
  const keys = call.query.text('detachKeys');
  if (keys !== '') parseDetachKeys(keys);
  if (call.query.text('checkpoint') !== '') throw fail('NOT_SUPPORTED', 'starting from a checkpoint');
  await call.engine.containers.start(param(call, 'id'));
  return empty(204);
}

/** `t` in seconds and `signal`, of stop and restart. */
function ending({ query }: Call): { readonly timeout?: number; readonly signal?: string } {
  const timeout = query.integer('t');
  const signal = query.text('signal');
  return { ...(timeout !== undefined && { timeout }), ...(signal && { signal }) };
}

async function kill(call: Call): Promise<Answer> {
  await call.engine.containers.kill(param(call, 'id'), call.query.text('signal') || 'SIGKILL');
  return empty(204);
}

function condition(text: string): 'not-running' | 'next-exit' | 'removed' {
  if (text === '' || text === 'not-running') return 'not-running';
  if (text === 'next-exit' || text === 'removed') return text;
  throw fail('BAD_REQUEST', `invalid condition: ${JSON.stringify(text)}`);
}

/**
 * The waiting has begun when the headers are out: `docker run` starts the container only then. Before
 * 1.30 the status came with the answer.
 */
async function wait(call: Call): Promise<Answer> {
  const ref = param(call, 'id');
  const { id } = call.engine.containers.get(ref).container;
  const ended = call.engine.containers.wait(id, {
    condition: condition(call.query.text('condition')),
    signal: goneWith(call.response),
  });
  if (call.version >= 30) begin(call.response, 'application/json');
  const answer = await ended.then(
    ({ exitCode, error }) => ({ StatusCode: exitCode, ...(error && { Error: { Message: error } }) }),
    (error: unknown) => ({ StatusCode: -1, Error: { Message: messageOf(error) } }),
  );
  if (call.response.destroyed) return taken;
  if (!call.response.headersSent) begin(call.response, 'application/json');
  call.response.end(`${JSON.stringify(answer)}\n`);
  return taken;
}

async function resize(call: Call): Promise<Answer> {
  await call.engine.containers.resize(param(call, 'id'), terminalSize(call.query));
  return empty(200);
}

export const containerLifeRoutes: readonly Route[] = [
  route('POST', '/containers/:id/start', start),
  route('POST', '/containers/:id/stop', async (call) => {
    await call.engine.containers.stop(param(call, 'id'), ending(call));
    return empty(204);
  }),
  route('POST', '/containers/:id/restart', async (call) => {
    await call.engine.containers.restart(param(call, 'id'), ending(call));
    return empty(204);
  }),
  route('POST', '/containers/:id/kill', kill),
  route('POST', '/containers/:id/pause', async (call) => {
    await call.engine.containers.pause(param(call, 'id'));
    return empty(204);
  }),
  route('POST', '/containers/:id/unpause', async (call) => {
    await call.engine.containers.unpause(param(call, 'id'));
    return empty(204);
  }),
  { ...route('POST', '/containers/:id/wait', wait), isTelling: true },
  route('POST', '/containers/:id/resize', resize),
];
