/** One connection of the client of ZooKeeper, to a server that is none. */
import { createServer } from 'node:net';
import { afterAll, expect, it } from 'vitest';
import { Lost, openConnection } from '../../../src/kv/zookeeper/connection.ts';
import { Writer } from '../../../src/kv/zookeeper/jute.ts';
import { opcode, pathBody } from '../../../src/kv/zookeeper/protocol.ts';
import { freeAddress } from './server.ts';

const host = freeAddress();
const port = 2181;
const welcome = new Writer().int(0).int(900).long(7n).buffer(Buffer.alloc(16)).bool(false).framed();

it('takes bytes of a message that never ends for no sign of life', async () => {
  let trickle: NodeJS.Timeout | undefined;
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      socket.write(welcome);
      socket.write(Buffer.from([0, 160, 0, 0]));
      trickle = setInterval(() => socket.write(Buffer.alloc(8)), 50);
    });
  });
  afterAll(() => {
    clearInterval(trickle);
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  const handshake = { timeout: 900, session: 0n, password: Buffer.alloc(16), lastZxid: 0n };
  const connection = await openConnection(
    { host, port },
    { handshake, signal: new AbortController().signal },
  );
  expect([connection.session, connection.timeout]).toEqual([7n, 900]);
  const asked = connection.ask(opcode.sync, pathBody('/'));
  await expect(asked).rejects.toBeInstanceOf(Lost);
  await connection.ended;
});
