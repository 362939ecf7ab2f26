/** Each route of the engine has a call of the client. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { absentRoutes } from '../../../src/api/routes/absent.ts';
import { allRoutes } from '../../../src/api/routes/all.ts';
import { connect, type Engine } from './index.ts';

/** Routes that no program calls by themselves. */
const without = [
  // of browsers
  'OPTIONS /*',
  // the same as without the slash
  'GET /networks/',
  // former spellings, and what the engine refuses
  'DELETE /containers/:id/:alias',
  'GET /images/search',
];

/** Those that are served beside the table, for they take the connection over. */
const hijacking = ['POST /containers/:id/attach', 'POST /exec/:id/start'];

/** An answer that has what calls read of answers. */
const answer = JSON.stringify({ Config: { Tty: false }, Volumes: [] });

async function recording(use: (engine: Engine) => Promise<void>): Promise<ReadonlySet<string>> {
  const folder = mkdtempSync(join(tmpdir(), 'seaway-calls-'));
  const path = join(folder, 'sock');
  const seen = new Set<string>();
  const note = (method = '', url = ''): void =>
    void seen.add(`${method} ${url.replace(/^\/v[0-9.]+/, '').replace(/\?.*$/, '')}`);
  const server = createServer((request, response) => {
    note(request.method, request.url);
    request.resume();
    response.setHeader('X-Docker-Container-Path-Stat', Buffer.from('{}').toString('base64'));
    response.end(answer);
  });
  server.on('upgrade', (request, socket) => {
    note(request.method, request.url);
    socket.end('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n');
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  try {
    await use(await connect({ host: `unix://${path}` }));
  } finally {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  }
  return seen;
}

/** The objects of an engine that have calls. */
const groupsOf = (one: object): readonly object[] =>
  Object.entries(one).flatMap(([name, value]) =>
    name !== 'client' && typeof value === 'object' && value !== null ? [value, ...groupsOf(value)] : [],
  );

/** Names of methods, inherited ones too. */
function methodsOf(group: object): readonly string[] {
  const above = Object.getPrototypeOf(group) as object | null;
  if (above === null || above === Object.prototype) return [];
  const own = Object.getOwnPropertyNames(above).filter((name) => name !== 'constructor' && name !== 'at');
  return [...own, ...methodsOf(above)];
}

/** With arguments, and without any, which is enough to see where a call goes. */
async function callAll(engine: Engine): Promise<void> {
  for (const group of groupsOf(engine))
    for (const name of methodsOf(group))
      for (const given of [['x', 'x', 'x'], []]) {
        try {
          const made: unknown = Reflect.apply(Reflect.get(group, name) as () => unknown, group, given);
          if (typeof made === 'object' && made !== null && Symbol.asyncIterator in made)
            await (made as AsyncGenerator).next();
          else await made;
        } catch {
          // it was seen by then, or takes other arguments
        }
      }
}

it('has a call for every route that the engine serves', async () => {
  const seen = [...(await recording(callAll))];
  const absent = new Set(absentRoutes.map(({ method, path }) => `${method} ${path}`));
  const served = [...allRoutes.map(({ method, path }) => `${method} ${path}`), ...hijacking];
  const missing = served.filter((route) => {
    if (absent.has(route) || without.includes(route)) return false;
    const pattern = new RegExp(`^${route.replace(/:\w+/g, '[^/]+')}$`);
    return !seen.some((each) => pattern.test(each));
  });
  expect(missing).toEqual([]);
});
