/** Ports that the resolver's process passes on: its sockets, in this process. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import { openKernel } from '../../src/kernel/open.ts';
import { createLogger } from '../../src/observe/logger.ts';
import { RelayServer } from '../../src/resolver/relay-server.ts';

const kernel = openKernel();
let sent: number[] = [];
const relays = new RelayServer({
  inbox: { take: () => ({ uses: [], descriptors: sent.splice(0) }) },
  log: createLogger('fatal'),
});
afterAll(() => kernel.close());

const portOf = (server: Server): number => {
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
};

/** Listens on `[::1]` and leads to 127.0.0.1; returns the port. Node adopts the descriptor. */
function relay(protocol: 'tcp' | 'udp', target: number): number {
  for (let port = 20_100 + Math.floor(Math.random() * 9_000); ; port++)
    try {
      const held = kernel.openHeld({ protocol, address: '::1', port });
      sent = held ? [held.fd] : [];
      const to = { [`${protocol}/::1/${port}`]: `127.0.0.1:${target}` };
      relays.change({ name: '1', sent: to, moved: {}, gone: [] });
      return port;
    } catch (error) {
      if (!String(error).includes('address already in use')) throw error;
    }
}

async function serve(handle: (socket: Socket) => void): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, handle);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
}

/** What the other end says until its end. */
async function talk(port: number, text: string | Buffer): Promise<string> {
  const socket = createConnection({ host: '::1', port, allowHalfOpen: true });
  let said = '';
  socket.on('data', (data) => {
    said += data;
  });
  socket.end(text);
  await once(socket, 'end');
  return said;
}

test('a connection is passed on both ways, with the end of either side', async () => {
  const server = await serve((socket) => {
    let length = 0;
    socket.on('data', (data) => {
      length += data.length;
    });
    socket.on('end', () => socket.end(`${length} bytes`));
  });
  const port = relay('tcp', portOf(server));
  expect(await talk(port, 'hello')).toBe('5 bytes');
  expect(await talk(port, Buffer.alloc(5_000_000))).toBe('5000000 bytes');
  const other = await serve((socket) => socket.end('other'));
  const place = `tcp/::1/${port}`;
  relays.change({ name: '', sent: {}, moved: { [place]: `127.0.0.1:${portOf(other)}` }, gone: [] });
  expect(await talk(port, 'hello')).toBe('other');
  expect(relays.list()[place]).toBe(`127.0.0.1:${portOf(other)}`);
  relays.change({ name: '', sent: {}, moved: {}, gone: [place] });
  await expect(talk(port, 'hello')).rejects.toThrow('ECONNREFUSED');
  server.close();
  other.close();
});

test('who nobody answers is told by a reset, and the port is free again at once', async () => {
  const server = await serve(() => undefined);
  const port = relay('tcp', portOf(server));
  server.close();
  await once(server, 'close');
  await expect(talk(port, 'hello')).rejects.toThrow('ECONNRESET');
  const alive = await serve((socket) => socket.end('x'));
  const place = `tcp/::1/${port}`;
  relays.change({ name: '', sent: {}, moved: { [place]: `127.0.0.1:${portOf(alive)}` }, gone: [] });
  // the server's side closes first, and its connections linger
  expect(await talk(port, '')).toBe('x');
  relays.change({ name: '', sent: {}, moved: {}, gone: [place] });
  kernel.openHeld({ protocol: 'tcp', address: '::1', port })?.close();
  alive.close();
});

test('each UDP client has its answers', async () => {
  const server = createSocket('udp4');
  server.on('message', (text, { port }) => server.send(`${text} from ${port}`, port));
  await once(server.bind(0, '127.0.0.1'), 'listening');
  const port = relay('udp', server.address().port);
  const asked = await Promise.all(
    ['a', 'b'].map(async (text) => {
      const client = createSocket('udp6');
      client.send(text, port, '::1');
      const [answer] = await once(client, 'message');
      client.close();
      return String(answer);
    }),
  );
  expect(asked.map((text) => text.slice(0, 7)).sort()).toEqual(['a from ', 'b from ']);
  expect(new Set(asked.map((text) => text.slice(1))).size).toBe(2);
  relays.change({ name: '', sent: {}, moved: {}, gone: [`udp/::1/${port}`] });
  server.close();
});
