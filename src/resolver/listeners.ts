/** The sockets on which one sandbox asks: opened inside its namespace by the engine, served from the main loop. */
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

/** Where a sandbox's port 53 leads. */
export interface Ports {
  readonly udp: number;
  readonly tcp: number;
}

export interface Listeners {
  readonly ports: Ports;
  close(): void;
}

/** Open connections of one sandbox; more are closed at once. */
const maxConnections = 128;
/** Milliseconds without a byte after which a connection is closed (RFC 7766, 6.2.3). */
const idle = 10_000;
/** Bytes that may wait to be sent before no more questions of a connection are answered. */
const maxBacklog = 256 * 1024;
/** Bytes of questions that the kernel keeps while the process is busy. */
const receiveBuffer = 1024 * 1024;

/** Listen on the sockets that were sent for it. */
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
 * Answers leave when all questions that wait have been read: sending wakes the asker up, and on a busy
 * host it would take the processor each time (a fifth more questions a second, measured).
 */
function serveUdp(fd: number, respond: Respond): UdpSocket {
  const socket = createSocket({ type: 'udp4', lookup: noLookup });
  let outgoing: Outgoing[] = [];
  let closed = false;
  const flush = (): void => {
    const all = outgoing;
    outgoing = [];
    // Without a callback: an answer that cannot be sent (the asker is gone) is nobody's to handle.
    if (!closed) for (const { answer, port, address } of all) socket.send(answer, port, address);
  };
  socket.on('message', (message, { port, address }) => {
    // A raw socket can send from port 0, which nothing can be sent to.
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
  // who has asked all may close its half, and is answered still (RFC 7766, 6.2.4)
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    if (connections.size >= share(maxConnections)) return void socket.destroy();
    connections.add(socket);
    socket.on('close', () => connections.delete(socket));
    serveConnection(socket, { respond, turns });
  });
  // A connection that cannot be accepted (no descriptors left) is its asker's loss alone.
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

/** Nothing is read while questions wait for their turn, or answers to be taken. */
function serveConnection(
  socket: TcpSocket,
  { respond, turns }: { readonly respond: Respond; readonly turns: Turns },
): void {
  const questions = new FrameQueue();
  let unanswered = 0;
  let isComplete = false;
  // the end is told while the last questions wait
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
    // Nobody asks in less than a header; a stream of zeros would be endlessly many of these.
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
