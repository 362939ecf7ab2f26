/** A node's calls to a manager over the network. */
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import { checkServerIdentity, type PeerCertificate, type TLSSocket } from 'node:tls';
import { fail, SeawayError } from '../errors.ts';
import { systemReason } from '../system-error.ts';
import type { EnrollCall, Enrolled } from './calls.ts';
import { lineOf, lineReader } from './lines.ts';
import type { Channel, Ends } from './node-link.ts';
import { errorOf, type JoinCall, type Joined, limits, paths, type Refusal, type ToNode } from './protocol.ts';
import type { Credentials } from './root-ca.ts';
import { digestOf } from './tokens.ts';

export interface Trust {
  readonly rootCa: string;
  /** This node's own; absent for one that joins. */
  readonly node?: Credentials;
  /** Id of the manager that must answer; absent for one that is not known yet. */
  readonly manager?: string;
}

/** Milliseconds for a connection, and for an answer. A new manager waits for a change of etcd's members. */
const [connecting, answering] = [5_000, 60_000];
/** Bytes that a manager has not read yet. */
const mostWaiting = 1 << 20;

/**
 * Only managers have this name in their certificate. Addresses are not compared, since managers may be behind NAT; the id is, so that one
 * which manages no more does not pass for another.
 */
const isManager =
  ({ manager }: Trust) =>
  (_host: string, certificate: PeerCertificate): Error | undefined => {
    const wrong = checkServerIdentity('swarm-manager', certificate);
    if (wrong || manager === undefined || certificate.subject.CN === manager) return wrong;
    return new Error(`another node than manager ${manager} answers there`);
  };

interface Connection {
  readonly session: ClientHttp2Session;
  /** Of this host, on the way there. */
  readonly localAddress: string;
}

async function open(place: string, trust: Trust | undefined): Promise<Connection> {
  const session = connect(`https://${place}`, {
    minVersion: 'TLSv1.3',
    ...(trust
      ? { ca: trust.rootCa, checkServerIdentity: isManager(trust) }
      : // its root CA is compared with the token's digest before anything is told to it
        { rejectUnauthorized: false }),
    ...(trust?.node && { key: trust.node.key, cert: trust.node.certificate }),
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new Error('i/o timeout')), connecting);
  session.once('connect', () => resolve());
  session.on('error', reject);
  session.once('close', () => reject(new Error('the connection was closed')));
  try {
    await promise;
  } catch (thrown) {
    session.destroy();
    throw unreachable(place, thrown);
  } finally {
    clearTimeout(timer);
  }
  return { session, localAddress: (session.socket as TLSSocket).localAddress ?? '' };
}

const unreachable = (place: string, thrown: unknown): Error =>
  thrown instanceof SeawayError
    ? thrown
    : fail(
        'SWARM_UNAVAILABLE',
        `connection error: desc = "transport: Error while dialing: dial tcp ${place}: ${systemReason(thrown) ?? String(thrown instanceof Error ? thrown.message : thrown)}"`,
      );

/** One question and its answer. Throws what the manager refuses with. */
async function ask<T>({ session }: Connection, path: string, body: string): Promise<T> {
  const stream = session.request({ ':method': 'POST', ':path': path });
  stream.setTimeout(answering, () => stream.close());
  stream.end(body);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  stream.once('response', (headers) => resolve(Number(headers[':status'])));
  stream.once('error', reject);
  stream.once('close', () => reject(fail('SWARM_DEADLINE')));
  const status = await promise;
  const json = JSON.parse(await bodyOf(stream)) as T | Refusal;
  if (status !== 200) throw errorOf(json as Refusal);
  return json as T;
}

async function bodyOf(stream: ClientHttp2Stream): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of stream as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > limits.node) throw fail('SWARM_UNKNOWN', 'the answer is too long');
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

export interface JoinOutcome {
  readonly joined: Joined;
  readonly rootCa: string;
  /** Of this host, as it reached the manager. */
  readonly localAddress: string;
}

/** The root CA must be the one whose digest the token has; only then the token is told. */
export async function joinBy(
  place: string,
  { digest, call }: { readonly digest: string; readonly call: JoinCall },
): Promise<JoinOutcome> {
  const stranger = await open(place, undefined);
  let [rootCa, ahead] = ['', 0];
  try {
    const asked = Date.now();
    const answer = await ask<{ readonly rootCa: string; readonly now: number }>(stranger, paths.ca, '');
    ahead = answer.now - (asked + Date.now()) / 2;
    rootCa = answer.rootCa;
  } finally {
    stranger.session.close();
  }
  if (typeof rootCa !== 'string' || digestOf(rootCa) !== digest)
    throw fail('SWARM_JOIN', `remote CA does not match fingerprint. Expected: ${hexOf(digest)}`);
  checkClocks(ahead);
  const trusted = await open(place, { rootCa });
  try {
    const joined = await ask<Joined>(trusted, paths.join, JSON.stringify(call));
    return { joined, rootCa, localAddress: trusted.localAddress.replace(/^::ffff:/, '') };
  } finally {
    trusted.session.close();
  }
}

/** Milliseconds: certificates begin an hour before they are made, and the shortest ones last an hour. */
const mostApart = 1_800_000;

/** `ahead`: of the manager's clock, in milliseconds. Throws SWARM_JOIN where certificates would not be valid on both hosts. */
export function checkClocks(ahead: number): void {
  if (!(Math.abs(ahead) > mostApart)) return;
  const minutes = Math.round(Math.abs(ahead) / 60_000);
  throw fail(
    'SWARM_JOIN',
    `the clock of this host is ${minutes} minutes ${ahead > 0 ? 'behind' : 'ahead of'} that of the manager: certificates would not be valid on both`,
  );
}

/** A token's digest as Docker shows it. */
function hexOf(digest: string): string {
  let value = 0n;
  for (const digit of digest) value = value * 36n + BigInt(Number.parseInt(digit, 36));
  return value.toString(16).padStart(64, '0');
}

/** A new certificate for this node. */
export async function renewBy(place: string, trust: Trust, request: string): Promise<string> {
  const connection = await open(place, trust);
  try {
    return (await ask<{ readonly certificate: string }>(connection, paths.renew, request)).certificate;
  } finally {
    connection.session.close();
  }
}

export async function enrollBy(place: string, trust: Trust, call: EnrollCall): Promise<Enrolled> {
  const connection = await open(place, trust);
  try {
    return await ask<Enrolled>(connection, paths.enroll, JSON.stringify(call));
  } finally {
    connection.session.close();
  }
}

export async function admitBy(place: string, trust: Trust, call: EnrollCall): Promise<void> {
  const connection = await open(place, trust);
  try {
    await ask<object>(connection, paths.admit, JSON.stringify(call));
  } finally {
    connection.session.close();
  }
}

/** The answer to a call that goes on, once it has begun. Throws what the manager refuses with. */
export async function logBy(
  place: string,
  trust: Trust,
  body: string,
): Promise<{ readonly stream: AsyncIterable<Buffer>; readonly close: () => void }> {
  const { session } = await open(place, trust);
  const close = (): void => session.destroy();
  const stream = session.request({ ':method': 'POST', ':path': paths.log });
  stream.end(body);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  stream.once('response', (headers) => resolve(Number(headers[':status'])));
  stream.on('error', reject);
  stream.once('close', () => reject(fail('SWARM_DEADLINE')));
  try {
    if ((await promise) !== 200) throw errorOf(JSON.parse(await bodyOf(stream)) as Refusal);
    return { stream: stream as AsyncIterable<Buffer>, close };
  } catch (thrown) {
    close();
    throw thrown;
  }
}

/** Lines that a manager tells another one, as long as it takes them. */
export interface Telling {
  write(line: string): void;
  close(): void;
  readonly closed: Promise<void>;
}

/** Throws what the manager refuses with. */
export async function tellBy(place: string, trust: Trust): Promise<Telling> {
  const { session } = await open(place, trust);
  const close = (): void => session.destroy();
  const stream = session.request({ ':method': 'POST', ':path': paths.acknowledged }, { endStream: false });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const closed = Promise.withResolvers<void>();
  stream.setTimeout(answering, close);
  stream.once('response', (headers) => resolve(Number(headers[':status'])));
  stream.on('error', reject);
  stream.once('close', () => {
    reject(fail('SWARM_DEADLINE'));
    closed.resolve();
    close();
  });
  try {
    if ((await promise) !== 200) throw errorOf(JSON.parse(await bodyOf(stream)) as Refusal);
  } catch (thrown) {
    close();
    throw thrown;
  }
  stream.setTimeout(0);
  stream.resume();
  return {
    // what it has not read yet is followed by a newer state
    write: (line) => void (stream.writableLength < mostWaiting && stream.write(line)),
    ...{ close, closed: closed.promise },
  };
}

/** A session with the manager. */
export async function dialManager(place: string, trust: Trust, ends: Ends): Promise<Channel> {
  const { session } = await open(place, trust);
  const stream = session.request({ ':method': 'POST', ':path': paths.session }, { endStream: false });
  let failure: Error | undefined;
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const timer = setTimeout(() => reject(fail('SWARM_DEADLINE')), answering);
  stream.once('response', (headers) => resolve(Number(headers[':status'])));
  stream.on('error', (error) => {
    failure = error;
    reject(error);
  });
  stream.once('close', () => {
    reject(new Error('the session was closed'));
    session.destroy();
    ends.closed(failure ?? new Error('the manager has closed it'));
  });
  session.on('error', (error) => {
    failure = error;
    stream.destroy();
  });
  try {
    const status = await promise;
    if (status !== 200) throw errorOf(JSON.parse(await bodyOf(stream)) as Refusal);
  } catch (thrown) {
    session.destroy();
    throw thrown;
  } finally {
    clearTimeout(timer);
  }
  const read = lineReader(limits.manager, (line) => ends.message(JSON.parse(line) as ToNode));
  stream.on('data', (chunk: Buffer) => {
    try {
      read(chunk);
    } catch (thrown) {
      stream.destroy(thrown instanceof Error ? thrown : new Error(String(thrown)));
    }
  });
  return {
    send: (message) => {
      if (!stream.destroyed && stream.writable) stream.write(lineOf(message));
    },
    close: () => {
      stream.destroy();
      session.destroy();
    },
  };
}
