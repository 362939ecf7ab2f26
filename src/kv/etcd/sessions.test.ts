import { createServer as createHttp2, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { Sessions } from './sessions.ts';

const limits = { pingIntervalMs: 6_000, pingTimeoutMs: 3_000, connectTimeoutMs: 1_500 };
const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

async function listening(server: Server | Http2Server): Promise<number> {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  ends.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** A server of gRPC that knows no call; of the connections to it the first ones are taken and nothing of them is passed on. */
async function reach(silent: number): Promise<{ readonly sessions: Sessions; count(): number }> {
  const grpc = createHttp2();
  grpc.on('stream', (stream: ServerHttp2Stream) => {
    stream.respond(
      { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '12' },
      { endStream: true },
    );
  });
  const behind = await listening(grpc);
  let count = 0;
  const taken: Socket[] = [];
  const relay = createServer((near) => {
    taken.push(near);
    near.on('error', () => undefined);
    if (++count <= silent) return;
    const far = connect(behind, '127.0.0.1');
    far.on('error', () => undefined);
    near.pipe(far).pipe(near);
  });
  const port = await listening(relay);
  const sessions = new Sessions(`http://127.0.0.1:${port}`, limits, undefined);
  ends.push(() => {
    sessions.abort();
    for (const socket of taken) socket.destroy();
  });
  return { sessions, count: () => count };
}

describe('the session with a server', () => {
  it('is one by which it answers: soon after another that is silent', async () => {
    const { sessions, count } = await reach(1);
    const session = await sessions.ready();
    expect(['open', 'idle']).toContain(session.state());
    expect(count()).toBe(2);
    expect(await sessions.ready()).toBe(session);
    expect(count()).toBe(2);
  });

  it('is shared by those who wait for it, and opened again after its end', async () => {
    const { sessions, count } = await reach(0);
    const [one, two] = await Promise.all([sessions.ready(), sessions.ready()]);
    expect(one).toBe(two);
    one.abort();
    expect(await sessions.ready()).not.toBe(one);
    expect(count()).toBe(2);
  });

  it('is none with a server that is silent or refuses', async () => {
    const { sessions } = await reach(Number.POSITIVE_INFINITY);
    await expect(sessions.ready()).rejects.toThrow('i/o timeout');
    const refused = new Sessions('http://127.0.0.1:1', limits, undefined);
    await expect(refused.ready()).rejects.toThrow(/ECONNREFUSED/);
  });
});
