import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, it, vi } from 'vitest';
import { placeOf, reach } from './reach.ts';

const environment = {};

it.each([
  ['docker.io', { url: 'https://registry-1.docker.io', host: 'registry-1.docker.io', port: 443 }],
  ['registry.example.com', { url: 'https://registry.example.com', host: 'registry.example.com', port: 443 }],
  ['192.0.2.7:5000', { url: 'http://192.0.2.7:5000', host: '192.0.2.7', port: 5000 }],
  ['localhost', { url: 'http://localhost', host: 'localhost', port: 80 }],
  ['[2001:db8::1]:5000', { url: 'https://[2001:db8::1]:5000', host: '2001:db8::1', port: 5000 }],
])('the registry of %s is at its place', (domain, place) => {
  expect(placeOf(domain, ['192.0.2.7:5000'])).toEqual(place);
});

it('one that listens is reached, one that does not is refused, and a proxy decides for itself', async () => {
  const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const place = placeOf(`127.0.0.1:${typeof address === 'object' ? address?.port : 0}`, []);
  await reach(place, { environment });
  server.close();
  await once(server, 'close');
  await expect(reach(place, { environment })).rejects.toThrow(
    `Get "${place.url}/v2/": dial tcp 127.0.0.1:${place.port}: connect: connection refused`,
  );
  await reach(place, { environment: { HTTPS_PROXY: 'http://192.0.2.9:3128' } });
});

it('is given up when whoever asked has gone', async () => {
  const gone = AbortSignal.abort();
  await expect(reach(placeOf('127.0.0.1:9', []), { environment, gone })).rejects.toThrow('deadline exceeded');
});

it('one that was silent is not asked again for a while', async () => {
  const lookup = vi.fn(() => new Promise<never>(() => undefined));
  const place = placeOf('silent.example.com', []);
  for (let i = 0; i < 2; i++)
    await expect(reach(place, { environment, lookup })).rejects.toThrow('deadline exceeded');
  expect(lookup).toHaveBeenCalledOnce();
});
