/** Routes of Docker that Seaway does not support: refused so that clients understand. */
import { fail } from '../../errors.ts';
import { empty, json, type Method, type Route, route } from '../route.ts';

const notSupported = (method: Method, path: string, what: string): Route =>
  route(method, path, () => {
    throw fail('NOT_SUPPORTED', what);
  });

/** There is no builder. The way around is in the message. */
const noBuild = (path: string): Route =>
  route('POST', path, () => {
    throw fail('BUILD_NOT_SUPPORTED');
  });

export const absentRoutes: readonly Route[] = [
  noBuild('/build'),
  noBuild('/session'),
  noBuild('/grpc'),
  // There is no build cache, so nothing of it is left to prune: `docker system prune` asks for it.
  route('POST', '/build/prune', () => json({ CachesDeleted: null, SpaceReclaimed: 0 })),
  route('POST', '/build/cancel', ({ query }) => {
    if (query.text('id') === '') throw fail('BAD_REQUEST', 'build ID not provided');
    return empty(200);
  }),
  notSupported(
    'GET',
    '/containers/:id/attach/ws',
    'attaching over a WebSocket (use POST /containers/{id}/attach)',
  ),
  notSupported('GET', '/containers/:id/checkpoints', 'checkpoints'),
  notSupported('POST', '/containers/:id/checkpoints', 'checkpoints'),
];
