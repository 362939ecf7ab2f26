import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConnectionLost, connect } from './connection.ts';
import { createLineReader } from './protocol.ts';

describe('the connection to the control socket', () => {
  let folder: string;
  const cleanup: (() => void)[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'seaway-connection-'));
  });
  afterEach(async () => {
    for (const undo of cleanup.splice(0).reverse()) undo();
    await rm(folder, { recursive: true });
  });

  const open = async (answer: (socket: Socket) => void) => {
    const path = join(folder, 'socket');
    const server = createServer((socket) => {
      cleanup.push(() => socket.destroy());
      socket.on('data', () => answer(socket));
    }).listen(path);
    await once(server, 'listening');
    cleanup.push(() => server.close());
    const connection = await connect(path);
    cleanup.push(() => connection.close());
    return connection;
  };

  test('answers the requests in their order', async () => {
    const connection = await open((socket) => socket.write('{"ok":true}\n{"ok":false,"error":"no"}\n'));
    const calls = [connection.call({ op: 'status' }), connection.call({ op: 'stop' })];
    expect(await Promise.all(calls)).toEqual([{ ok: true }, { ok: false, error: 'no' }]);
  });

  test('is lost with an answer that is not of the protocol', async () => {
    const connection = await open((socket) => socket.write('HTTP/1.1 400 Bad Request\n'));
    await expect(connection.call({ op: 'status' })).rejects.toThrow(ConnectionLost);
    await connection.lost;
  });
});

test('a character may be in two chunks', () => {
  const lines: string[] = [];
  const read = createLineReader((line) => lines.push(line));
  for (const byte of Buffer.from('"/run/séaway"\n')) read(Buffer.of(byte));
  expect(lines).toEqual(['"/run/séaway"']);
});
