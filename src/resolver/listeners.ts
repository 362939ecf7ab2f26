/** The sockets on which a sandbox asks, opened inside its namespace by the engine. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server, type Socket as TcpSocket } from 'node:net';
import { headerSize } from './decode.ts';
import { FrameQueue, framed } from './framing.ts';
import type { SentSockets } from './inbox.ts';
import { adoptUdp, noLookup } from './origin.ts';
import type { Respond } from './responder.ts';
import type { Share } from './shares.ts';
import { Turns } from './turns.ts';

/** Ports to which a sandbox's port 53 is redirected. */
export interface Ports {
  readonly udp: number;
  readonly tcp: number;
}

export interface Listeners {
  readonly ports: Ports;
  close(): void;
}

/** Limit of open connections of one sandbox; more are closed at once. */
const maxConnections = 128;
/** Milliseconds without a byte after which a connection is closed (RFC 7766, 6.2.3). */
const idle = 10_000;
/** Bytes of unsent answers after which a connection's questions are no longer read. */
const maxBacklog = 256 * 1024;
/** Bytes of questions that the kernel queues while the process is busy. */
const receiveBuffer = 1024 * 1024;

/** Listens on the sockets that were sent for the sandbox. */
export async function openListeners(
  { uses, descriptors }: SentSockets,
  { respond, share }: { readonly respond: Respond; readonly share: Share },
): Promise<Listeners> {
  const descriptorOf = (use: 'listen-udp' | 'listen-tcp'): number => descriptors[uses.indexOf(use)] ?? -1;
  const udp = serveUdp(descriptorOf('listen-udp'), respond);
  try {
    const tcp = serveTcp(descriptorOf('listen-tcp'), { respond, share });
    await once(tcp.server, 'listening');
    udp.setRecvBufferSize(receiveBuffer);
    return {
      ports: { udp: udp.address().port, tcp: portOf(tcp.server) },
      close() {
        udp.close();
        tcp.close();
      },
    };
  } catch (error) {
    udp.close();
    throw error;
  }
}

interface Outgoing {
  readonly answer: Buffer;
  readonly port: number;
  readonly address: string;
}

/**
 * Sends answers after all waiting questions were read: sending wakes the asker, which would take the processor
 * each time on a busy host (a fifth more questions per second, measured).
 */
function serveUdp(fd: number, respond: Respond): UdpSocket {
  const socket = createSocket({ type: 'udp4', lookup: noLookup });
  let outgoing: Outgoing[] = [];
  let closed = false;
  const flush = (): void => {
    const all = outgoing;
    outgoing = [];
    // without a callback: an answer that cannot be sent (the asker is gone) needs no handling
    if (!closed) for (const { answer, port, address } of all) socket.send(answer, port, address);
  };
  socket.on('message', (message, { port, address }) => {
    // a raw socket can send from port 0, to which no answer can be sent
    if (port === 0) return;
    respond(message, 'udp', (answer) => {
      if (outgoing.length === 0) setImmediate(flush);
      outgoing.push({ answer, port, address });
    });
  });
  socket.on('close', () => {
    closed = true;
  });
  socket.on('error', () => {});
  return adoptUdp(socket, fd);
}

function serveTcp(
  fd: number,
  { respond, share }: { readonly respond: Respond; readonly share: Share },
): { readonly server: Server; close(): void } {
  const connections = new Set<TcpSocket>();
  const turns = new Turns();
  // a client may close its half after its last question and still gets answers (RFC 7766, 6.2.4)
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    if (connections.size >= share(maxConnections)) return void socket.destroy();
    connections.add(socket);
    socket.on('close', () => connections.delete(socket));
    serveConnection(socket, { respond, turns });
  });
  // a connection that cannot be accepted (no descriptors left) must not end the process
  server.on('error', () => {});
  server.listen({ fd, backlog: maxConnections });
  return {
    server,
    close() {
      server.close();
      for (const socket of connections) socket.destroy();
    },
  };
}

/** Reads nothing while questions wait for their turn, or answers for the client. */
function serveConnection(
  socket: TcpSocket,
  { respond, turns }: { readonly respond: Respond; readonly turns: Turns },
): void {
  const questions = new FrameQueue();
  let unanswered = 0;
  let isComplete = false;
  // the client's end may arrive while the last questions wait
  let isWaiting = false;
  const endIfDone = (): void => {
    if (isComplete && !isWaiting && unanswered === 0) socket.end();
  };
  const answer = (message: Buffer): void => {
    unanswered += 1;
    respond(message, 'tcp', (found) => {
      unanswered -= 1;
      if (socket.writable) socket.write(framed(found));
      endIfDone();
    });
  };
  const answerOne = (): boolean => {
    if (socket.destroyed || socket.writableLength > maxBacklog) return false;
    const message = questions.next();
    if (!message) {
      isWaiting = false;
      endIfDone();
      socket.resume();
      return false;
    }
    // shorter than a header is no question; a stream of zeros would be endlessly many of these
    if (message.length < headerSize) socket.destroy();
    else answer(message);
    return true;
  };
  socket.on('error', () => socket.destroy());
  socket.setTimeout(idle, () => socket.destroy());
  socket.on('close', () => turns.drop(answerOne));
  socket.on('end', () => {
    isComplete = true;
    endIfDone();
  });
  socket.on('drain', () => turns.add(answerOne));
  socket.on('data', (chunk: Buffer) => {
    socket.pause();
    isWaiting = true;
    questions.push(chunk);
    turns.add(answerOne);
  });
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}
