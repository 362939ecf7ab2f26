/**
 * Servers and clients in network namespaces, all in this process: sockets are opened inside and used from here. A server
 * answers with its name and the address that it sees.
 */
import { createSocket, type Socket as Datagrams } from 'node:dgram';
import { connect, createServer } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { CLONE_NEWNET } from '../../../src/kernel/ffi/constants.ts';
import { checked } from '../../../src/kernel/ffi/fault.ts';
import * as libc from '../../../src/kernel/ffi/libc.ts';

/** Closes what was opened. */
export type Close = () => void;

/** What `open` opens until the end of this turn is opened in the namespace of that descriptor; `home` is this thread's. */
export async function inside<T>(namespace: number, home: number, open: () => T): Promise<T> {
  const enter = (fd: number): number => checked(libc.setns(fd, CLONE_NEWNET), 'enter a network namespace');
  enter(namespace);
  try {
    const opened = open();
    // Node makes the sockets of clients in the next tick
    await nextTurn();
    return opened;
  } finally {
    enter(home);
  }
}

/** Without it names would be looked up in threads, and sockets made in a later turn. */
const lookup = (
  host: string,
  _options: unknown,
  done: (error: NodeJS.ErrnoException | null, address: string, family: number) => void,
): void => done(null, host, host.includes(':') ? 6 : 4);

const datagrams = (family: 4 | 6): Datagrams =>
  createSocket({ type: `udp${family}`, ipv6Only: family === 6, lookup });

/** Serves TCP and UDP of both families on these ports; to be called inside. */
export function serve({ name, ports }: { readonly name: string; readonly ports: readonly number[] }): Close {
  const answer = (address = ''): string => JSON.stringify({ name, seen: address.replace('::ffff:', '') });
  const closers: Close[] = [];
  for (const port of ports) {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.end(answer(socket.remoteAddress));
    });
    server.listen({ port, host: '::', backlog: 4000 });
    closers.push(() => server.close());
    for (const family of [4, 6] as const) {
      const udp = datagrams(family);
      udp.on('message', (_text, from) => udp.send(answer(from.address), from.port, from.address));
      udp.bind(port, family === 4 ? '0.0.0.0' : '::');
      closers.push(() => udp.close());
    }
  }
  return () => {
    for (const close of closers) close();
  };
}

/** What came of asking. */
export interface Outcome {
  /** `no answer`, `refused`, `unreachable`, `closed` without an answer, or the name of an error. */
  readonly failure?: string;
  /** What the server said, and the client's own address. */
  readonly name?: string;
  readonly seen?: string;
  readonly own?: string;
}

export interface Question {
  readonly protocol: 'tcp' | 'udp';
  readonly host: string;
  readonly port: number;
  /** Milliseconds. */
  readonly patience: number;
}

/** To be called inside. */
export const ask = (question: Question): Promise<Outcome> =>
  question.protocol === 'tcp' ? askStream(question) : askDatagram(question);

const failures: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'closed',
  ENETUNREACH: 'unreachable',
  // nobody on the link has the address
  EHOSTUNREACH: 'no answer',
  EADDRNOTAVAIL: 'unreachable',
};
const failed = ({ code = '' }: NodeJS.ErrnoException): Outcome => ({ failure: failures[code] ?? code });
const answered = (text: string, own: string): Outcome =>
  text === '' ? { failure: 'closed' } : { ...JSON.parse(text), own };

function askStream({ host, port, patience }: Question): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  const socket = connect({ host, port });
  let [text, own] = ['', ''];
  const timer = setTimeout(() => end({ failure: 'no answer' }), patience);
  const end = (outcome: Outcome): void => {
    clearTimeout(timer);
    socket.destroy();
    resolve(outcome);
  };
  socket
    .once('connect', () => {
      own = socket.localAddress ?? '';
    })
    .on('data', (data) => {
      text += data;
    })
    .once('end', () => end(answered(text, own)))
    .once('error', (error) => end(failed(error)));
  return promise;
}

/** Sent again, as datagrams may be lost. */
const again = [0, 0.2, 0.5];

function askDatagram({ host, port, patience }: Question): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  const family = host.includes(':') ? 6 : 4;
  const socket = datagrams(family);
  const timers: NodeJS.Timeout[] = [];
  const end = (outcome: Outcome): void => {
    for (const timer of timers) clearTimeout(timer);
    socket.close();
    resolve(outcome);
  };
  socket.once('error', (error) => end(failed(error)));
  socket.once('message', (text) => end(answered(text.toString(), socket.address().address)));
  const connected = (error?: NodeJS.ErrnoException): void => {
    if (error) end(failed(error));
    else for (const part of again) timers.push(setTimeout(() => socket.send('?'), part * patience));
  };
  timers.push(setTimeout(() => end({ failure: 'no answer' }), patience));
  socket.bind(0, family === 4 ? '0.0.0.0' : '::');
  socket.connect(port, host, connected);
  return promise;
}
