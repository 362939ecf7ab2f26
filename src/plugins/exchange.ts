/** One HTTP request to a plugin, with a time limit and a size limit. Errors are worded as Go's client words them. */
import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { longestWait } from '../alarm.ts';
import { fail, hasCode, messageOf, type SeawayError } from '../errors.ts';
import { hasErrno, systemReason } from '../system-error.ts';
import { dialOf, type PluginAddress, socketHost, urlOf } from './address.ts';
import { readPluginFile } from './plugin-file.ts';

/** The largest answer in bytes. */
export const answerLimit = 4 * 1024 * 1024;

/** The largest certificate with its chain, or key, in bytes. */
const pemLimit = 1024 * 1024;

export interface Exchange {
  /** `VolumeDriver.Create`. */
  readonly method: string;
  /** JSON; '' for a request without a body. */
  readonly body: string;
  /** Milliseconds for one attempt, connecting included. */
  readonly timeout: number;
  /** Aborted when the caller no longer wants the answer. */
  readonly signal?: AbortSignal | undefined;
}

export interface Reply {
  readonly status: number;
  readonly text: string;
}

const mediaType = 'application/vnd.docker.plugins.v1.2+json';

/** Milliseconds to wait for a socket with a full queue (as in Docker), and between attempts. */
const busyLimit = 30_000;
const busyPause = 50;

/**
 * Throws PLUGIN_AWAY if no connection could be made, PLUGIN_BROKEN if it ended early, and PLUGIN_SLOW after the timeout. A
 * socket whose queue is full is tried again: its plugin is busy.
 */
export async function exchange(address: PluginAddress, asked: Exchange): Promise<Reply> {
  const tls = address.scheme === 'https' ? await tlsOf(address) : {};
  const began = performance.now();
  for (;;) {
    const reply = await attempt(address, { ...asked, signal: limited(asked) }, tls);
    if (reply !== 'busy') return reply;
    if (asked.signal?.aborted || performance.now() - began > busyLimit)
      throw fail('PLUGIN_AWAY', doing(address, asked), `${dialOf(address)}: connect: ${busyWords}`);
    await sleep(busyPause, undefined, { signal: asked.signal }).catch(() => undefined);
  }
}

const busyWords = 'resource temporarily unavailable';

const limited = ({ timeout, signal }: Exchange): AbortSignal =>
  AbortSignal.any([AbortSignal.timeout(Math.min(timeout, longestWait)), ...(signal ? [signal] : [])]);

type Attempt = Exchange & { readonly signal: AbortSignal };

function attempt(address: PluginAddress, asked: Attempt, tls: TlsFiles): Promise<Reply | 'busy'> {
  return new Promise((resolve, reject) => {
    const request = open(address, asked, tls);
    let connected = false;
    const giveUp = (thrown: unknown): void =>
      !connected && hasErrno(thrown, 'EAGAIN')
        ? resolve('busy')
        : reject(failureOf(thrown, { address, asked, connected }));
    request.on('socket', (socket) =>
      socket.once(address.scheme === 'https' ? 'secureConnect' : 'connect', () => {
        connected = true;
      }),
    );
    request.on('error', giveUp);
    request.on('response', (response) => void readReply(response).then(resolve, giveUp));
    // without a listener Node closes the connection, and emits neither an error nor a response
    request.on('upgrade', ({ statusCode }, socket) => {
      socket.destroy();
      giveUp(new Error(`the answer has the status ${statusCode} and changes the protocol`));
    });
    request.end(asked.body);
  });
}

type TlsFiles = Awaited<ReturnType<typeof tlsOf>> | object;

function open(address: PluginAddress, { method, body, signal }: Attempt, tls: TlsFiles): ClientRequest {
  const options = {
    ...{ method: 'POST', path: `/${method}`, signal, agent: false },
    headers: { accept: mediaType, 'content-length': Buffer.byteLength(body) },
  };
  if (address.scheme === 'unix')
    return requestHttp({ ...options, socketPath: address.socket, host: socketHost });
  const { host, port } = address;
  if (address.scheme === 'http') return requestHttp({ ...options, host, port });
  return requestHttps({ ...options, host, port, ...tls });
}

/** Throws PLUGIN_FILE_INVALID if a certificate or key cannot be read. */
async function tlsOf({ tls }: PluginAddress) {
  const read = async (path = ''): Promise<Buffer | undefined> => {
    if (path === '') return undefined;
    const bytes = await readPluginFile(path, pemLimit).catch((thrown: unknown) => {
      throw hasCode(thrown, 'PLUGIN_FILE_INVALID')
        ? thrown
        : fail('PLUGIN_FILE_INVALID', path, reasonOf(thrown));
    });
    if (!bytes) throw fail('PLUGIN_FILE_INVALID', path, 'it is no regular file');
    return bytes;
  };
  return {
    rejectUnauthorized: tls?.verify ?? true,
    ca: await read(tls?.caFile),
    cert: await read(tls?.certFile),
    key: await read(tls?.keyFile),
  };
}

async function readReply(response: IncomingMessage): Promise<Reply> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response) {
    const bytes = chunk as Uint8Array;
    size += bytes.length;
    // leaving the loop closes the connection
    if (size > answerLimit) throw new Error(`the answer is larger than ${answerLimit} bytes`);
    chunks.push(bytes);
  }
  return { status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') };
}

interface Circumstances {
  readonly address: PluginAddress;
  readonly asked: Attempt;
  readonly connected: boolean;
}

/** Worded as Go's HTTP client does: `Post "http://host/Method": dial unix PATH: connect: connection refused`. */
function failureOf(thrown: unknown, { address, asked, connected }: Circumstances): SeawayError {
  const what = doing(address, asked);
  if (asked.signal.aborted) return fail('PLUGIN_SLOW', what);
  if (!connected) return fail('PLUGIN_AWAY', what, `${dialOf(address)}: connect: ${reasonOf(thrown)}`);
  const isCut = thrown instanceof Error && 'code' in thrown && thrown.code === 'ECONNRESET';
  return fail('PLUGIN_BROKEN', what, isCut ? 'EOF' : reasonOf(thrown));
}

const doing = (address: PluginAddress, { method }: Exchange): string => `Post "${urlOf(address)}/${method}"`;

const reasonOf = (thrown: unknown): string => systemReason(thrown) ?? messageOf(thrown);
