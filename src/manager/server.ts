/** The manager's port: HTTP/2 over TLS 1.3, for nodes with a certificate; without one, two small calls. */
import {
  createSecureServer,
  type Http2SecureServer,
  type Http2Session,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { fail, SeawayError } from '../errors.ts';
import { joinHostPort } from '../net/address.ts';
import type { Logger } from '../observe/logger.ts';
import { systemReason } from '../system-error.ts';
import { createAllowance } from './allowance.ts';
import type { Authority } from './authority.ts';
import type { EnrollCall } from './calls.ts';
import { readAcknowledged, readEnrollCall, readFromNode, readJoinCall, readLogCall } from './from-node.ts';
import { lineReader } from './lines.ts';
import type { LogRelay } from './log-relay.ts';
import type { Members } from './members.ts';
import { limits, paths, refusalOf } from './protocol.ts';
import type { Credentials } from './root-ca.ts';
import { behind, sendTo } from './sending.ts';
import type { Sessions } from './sessions.ts';
import { subjectOf } from './subject.ts';

export interface ServerOptions {
  /** IP and port. */
  readonly host: string;
  readonly port: number;
  readonly node: Credentials;
  readonly rootCa: string;
  readonly authority: Authority;
  readonly members: Members;
  readonly logs: LogRelay;
  readonly sessions: Sessions;
  readonly logger: Logger;
}

/** Milliseconds for a connection without a certificate. */
const strangers = 30_000;
/** Connections without a certificate at a time. */
const mostStrangers = 256;
const allowance = { burst: 20, rate: 2, most: 4_096 };
const streams = 16;

const tlsOf = ({ node, rootCa }: Pick<ServerOptions, 'node' | 'rootCa'>) => ({
  ...{ key: node.key, cert: node.certificate, ca: rootCa },
  minVersion: 'TLSv1.3' as const,
});

interface Caller {
  readonly address: string;
  /** undefined: it has no certificate of this swarm. */
  readonly nodeId: string | undefined;
}

export class ManagerServer {
  readonly #options: ServerOptions;
  readonly #server: Http2SecureServer;
  readonly #allowance = createAllowance(allowance);
  readonly #sessions = new Set<ServerHttp2Session>();
  readonly #strangers = new Set<ServerHttp2Session>();

  constructor(options: ServerOptions) {
    this.#options = options;
    // a caller without a certificate is let in for two calls, so what it has is looked at here
    this.#server = createSecureServer({
      ...tlsOf(options),
      ...{ requestCert: true, rejectUnauthorized: false, settings: { maxConcurrentStreams: streams } },
    });
    this.#server.on('session', (session) => this.#begun(session));
    this.#server.on('stream', (stream: ServerHttp2Stream, headers) => this.#called(stream, headers));
    this.#server.on('sessionError', () => undefined);
    this.#server.on('tlsClientError', () => undefined);
  }

  /** Throws SWARM_LISTEN. */
  async listen(): Promise<void> {
    const { host, port } = this.#options;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once('error', reject);
    this.#server.listen({ host, port }, () => {
      this.#server.off('error', reject);
      this.#server.on('error', (error) => this.#options.logger.error('the port of the managers', { error }));
      resolve();
    });
    try {
      await promise;
    } catch (thrown) {
      throw fail('SWARM_LISTEN', joinHostPort(host, port), systemReason(thrown) ?? String(thrown));
    }
  }

  /** New connections are answered with it. */
  renew(keys: Pick<ServerOptions, 'node' | 'rootCa'>): void {
    this.#server.setSecureContext(tlsOf(keys));
  }

  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    for (const session of this.#sessions) session.destroy();
    await promise;
  }

  #begun(session: ServerHttp2Session): void {
    this.#sessions.add(session);
    session.on('close', () => this.#sessions.delete(session));
    session.on('error', () => undefined);
    const { nodeId } = this.#callerOf(session);
    if (nodeId !== undefined) return;
    this.#strangers.add(session);
    session.on('close', () => this.#strangers.delete(session));
    setTimeout(() => session.destroy(), strangers).unref();
    if (this.#strangers.size > mostStrangers) session.destroy();
  }

  #callerOf(session: Http2Session | undefined): Caller {
    const socket = session?.socket as TLSSocket | undefined;
    const address = (socket?.remoteAddress ?? '').replace(/^::ffff:/, '');
    const certificate = socket?.authorized ? socket.getPeerCertificate() : undefined;
    if (!certificate?.raw) return { address, nodeId: undefined };
    const { nodeId, clusterId } = subjectOf(certificate.raw);
    return { address, nodeId: clusterId === this.#options.authority.clusterId ? nodeId : undefined };
  }

  #called(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    stream.on('error', () => undefined);
    const caller = this.#callerOf(stream.session);
    this.#answer(stream, { path: `${headers[':path']}`, caller }).catch((thrown: unknown) =>
      refuse(stream, thrown),
    );
  }

  async #answer(
    stream: ServerHttp2Stream,
    { path, caller }: { readonly path: string; readonly caller: Caller },
  ): Promise<void> {
    const { authority } = this.#options;
    if (path === paths.ca || path === paths.join) {
      if (!this.#allowance.take(caller.address))
        throw fail('SWARM_UNAVAILABLE', 'too many requests without a certificate: try again later');
      const body = await textOf(stream, limits.stranger);
      if (path === paths.ca) return answer(stream, { rootCa: authority.rootCa, now: Date.now() });
      const call = readJoinCall(body);
      if (!call) throw fail('SWARM_INVALID', 'the request makes no sense');
      return answer(stream, await authority.join(call, caller.address));
    }
    const nodeId = this.#member(caller);
    if (path === paths.renew)
      return answer(stream, await authority.renew(nodeId, await textOf(stream, limits.stranger)));
    if (path === paths.enroll || path === paths.admit) {
      authority.checkManager(nodeId);
      const call = readEnrollCall(await textOf(stream, limits.stranger));
      if (!call) throw fail('SWARM_INVALID', 'the request makes no sense');
      return answer(stream, await this.#manage(nodeId, { path, call }));
    }
    if (path === paths.log) return this.#log(stream, nodeId);
    if (path === paths.acknowledged) return this.#acknowledged(stream, nodeId);
    if (path !== paths.session) throw fail('SWARM_UNIMPLEMENTED', 'no such call');
    this.#session(stream, { nodeId, address: caller.address });
  }

  /** Only managers read what other nodes have written. */
  async #log(stream: ServerHttp2Stream, nodeId: string): Promise<void> {
    const { authority, logs } = this.#options;
    authority.checkManager(nodeId);
    const call = readLogCall(await textOf(stream, limits.stranger));
    if (!call) throw fail('SWARM_INVALID', 'the request makes no sense');
    await logs.serve(stream, call, () => stream.respond({ ':status': 200 }));
  }

  /** Another manager tells of its nodes, as long as it is one. */
  #acknowledged(stream: ServerHttp2Stream, managerId: string): void {
    const { authority, sessions } = this.#options;
    authority.checkManager(managerId);
    stream.respond({ ':status': 200 });
    stream.on('close', () => sessions.told(managerId, undefined));
    readLines(stream, limits.node, (line) => {
      authority.checkManager(managerId);
      const told = readAcknowledged(line);
      if (told) sessions.told(managerId, told);
    });
  }

  /** Of a node that is to be a manager. */
  async #manage(
    nodeId: string,
    { path, call }: { readonly path: string; readonly call: EnrollCall },
  ): Promise<object> {
    const { members } = this.#options;
    if (path === paths.enroll) return members.enroll(nodeId, call);
    await members.admit(nodeId, call.place);
    return {};
  }

  /** Its id. Throws where it has no certificate, or is no node of the swarm by now. */
  #member({ nodeId }: Caller): string {
    if (nodeId === undefined) throw fail('SWARM_UNAUTHENTICATED', 'a certificate of the swarm is needed');
    this.#options.authority.check(nodeId);
    return nodeId;
  }

  #session(stream: ServerHttp2Stream, from: { readonly nodeId: string; readonly address: string }): void {
    stream.respond({ ':status': 200, 'content-type': 'application/jsonlines' });
    const session = this.#options.sessions.open({
      ...from,
      send: sendTo(stream, () =>
        this.#options.logger.warn('a node does not read what it is sent: its session ends', {
          node: from.nodeId,
        }),
      ),
      isBehind: behind(stream),
      end: () => {
        if (!stream.destroyed) stream.end();
      },
    });
    let isUnclear = false;
    readLines(stream, limits.node, (line) => {
      const message = readFromNode(line);
      if (message) session.take(message);
      else if (!isUnclear) {
        isUnclear = true;
        this.#options.logger.warn('a node has sent what makes no sense', { node: from.nodeId });
      }
      // nothing more is read of it
      if (!session.isLive) stream.close();
    });
    stream.on('close', () => session.ended());
  }
}

/** Ends the stream where a line is too long, or is not taken. */
function readLines(stream: ServerHttp2Stream, most: number, take: (line: string) => void): void {
  const read = lineReader(most, take);
  stream.on('data', (chunk: Buffer) => {
    try {
      read(chunk);
    } catch {
      stream.close();
    }
  });
}

function answer(stream: ServerHttp2Stream, body: object): void {
  if (stream.destroyed) return;
  stream.respond({ ':status': 200, 'content-type': 'application/json' });
  stream.end(JSON.stringify(body));
}

function refuse(stream: ServerHttp2Stream, thrown: unknown): void {
  if (stream.destroyed) return;
  const status = thrown instanceof SeawayError ? thrown.status : 500;
  if (!stream.headersSent) stream.respond({ ':status': status, 'content-type': 'application/json' });
  stream.end(JSON.stringify(refusalOf(thrown)));
}

/** Throws SWARM_INVALID for one that is too long. */
async function textOf(stream: ServerHttp2Stream, most: number): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of stream as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > most) throw fail('SWARM_INVALID', 'the request is too long');
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}
