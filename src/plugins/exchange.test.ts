import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { unixAddress } from './address.ts';
import { exchange } from './exchange.ts';

const folder = mkdtempSync(join(tmpdir(), 'exchange-'));
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A plugin that answers every request with these bytes. */
async function plugin(answer: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'x.sock');
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', () => socket.write(answer));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return path;
}

it('refuses an answer that changes the protocol', async () => {
  const path = await plugin(
    'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: tcp\r\n\r\n',
  );
  const asked = { method: 'Plugin.Activate', body: '', timeout: 1_000 };
  await expect(exchange(unixAddress(path), asked)).rejects.toMatchObject({ code: 'PLUGIN_BROKEN' });
});

it.each([60, 600])('waits for an answer where the limit is %d days', async (days) => {
  const path = await plugin('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}');
  const asked = { method: 'Plugin.Activate', body: '', timeout: days * 86_400_000 };
  expect(await exchange(unixAddress(path), asked)).toEqual({ status: 200, text: '{}' });
});
