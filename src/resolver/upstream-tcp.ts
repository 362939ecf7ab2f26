/** Queries to one server by TCP, with a connection for each question. */
import { randomInt } from 'node:crypto';
import { createUnframer, framed } from './framing.ts';
import type { Origin } from './origin.ts';
import { answers, withId } from './upstream-udp.ts';

export interface TcpQuestion {
  readonly server: string;
  readonly query: Buffer;
  /** Milliseconds for the whole exchange. */
  readonly timeout: number;
}

/** The server's answer, with the id that was sent. Rejects on a timeout or a broken connection. */
export function askByTcp(origin: Origin, { server, query, timeout }: TcpQuestion): Promise<Buffer> {
  const asked = withId(query, randomInt(0x10000));
  return new Promise((resolve, reject) => {
    const socket = origin.tcp(server);
    const timer = setTimeout(() => {
      socket.destroy(new Error(`${server} did not answer by TCP within ${timeout} ms`));
    }, timeout);
    socket.on('error', reject);
    socket.on('close', () => {
      clearTimeout(timer);
      reject(new Error(`${server} closed the connection`));
    });
    const unframe = createUnframer((message) => {
      if (message.length >= 12 && answers(message, asked)) resolve(Buffer.from(message));
      socket.destroy();
    });
    socket.on('data', unframe);
    socket.connect({ port: 53, host: server }, () => socket.write(framed(asked)));
  });
}
