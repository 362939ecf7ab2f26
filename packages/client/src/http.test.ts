import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { parseAddress } from './address.ts';
import { exchange } from './http.ts';

it('a body that fails ends the request and its connection', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'seaway-client-'));
  const path = `${folder}/engine.sock`;
  const body = new Readable({ read: () => undefined });
  body.push('begun');
  const server = createServer((request) => {
    request.on('error', () => undefined).resume();
    body.destroy(new Error('the disk is gone'));
  });
  const closed = new Promise<void>((resolve) => {
    server.on('connection', (socket: Socket) => socket.once('close', () => resolve()));
  });
  await new Promise<void>((resolve) => void server.listen(path, resolve));
  const asked = { method: 'POST', path: '/images/load', headers: {}, body };
  const answer = exchange({ address: parseAddress(`unix://${path}`, false) }, asked);
  await expect(answer).rejects.toThrow('the disk is gone');
  await closed;
  server.close();
  rmSync(folder, { recursive: true });
});
