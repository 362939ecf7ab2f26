/** One HTTP request to a plugin: within a time, up to a size, told in Go's words where it fails. */
import { readFile } from 'node:fs/promises';
import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { fail, messageOf, type SeawayError } from '../errors.ts';
import { systemReason } from '../system-error.ts';
import { dialOf, type PluginAddress, socketHost, urlOf } from './address.ts';

/** Bytes that an answer may have. */
export const answerLimit = 4 * 1024 * 1024;

export interface Exchange {
  /** `VolumeDriver.Create`. */
  readonly method: string;
  /** JSON; '' for a request without a body. */
  readonly body: string;
  readonly signal: AbortSignal;
}

export interface Reply {
  readonly status: number;
  readonly text: string;
}

const mediaType = 'application/vnd.docker.plugins.v1.2+json';

/** Throws PLUGIN_AWAY where no connection came about, PLUGIN_BROKEN where it ended too early. */
export async function exchange(address: PluginAddress, asked: Exchange): Promise<Reply> {
  const tls = address.scheme === 'https' ? await tlsOf(address, asked) : {};
  return new Promise((resolve, reject) => {
    const request = open(address, asked, tls);
    let connected = false;
    const giveUp = (thrown: unknown): void => reject(failureOf(thrown, { address, asked, connected }));
    request.on('socket', (socket) =>
      socket.once(address.scheme === 'https' ? 'secureConnect' : 'connect', () => {
        connected = true;
      }),
    );
    request.on('error', giveUp);
    request.on('response', (response) => void readReply(response).then(resolve, giveUp));
    request.end(asked.body);
  });
}

type TlsFiles = Awaited<ReturnType<typeof tlsOf>> | object;

function open(address: PluginAddress, { method, body, signal }: Exchange, tls: TlsFiles): ClientRequest {
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

/** Throws PLUGIN_FILE_INVALID where a certificate or key cannot be read. */
async function tlsOf({ tls }: PluginAddress, { signal }: Exchange) {
  const read = async (path = ''): Promise<Buffer | undefined> => {
    if (path === '') return undefined;
    return readFile(path, { signal }).catch((thrown: unknown) => {
      throw fail('PLUGIN_FILE_INVALID', path, reasonOf(thrown));
    });
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
  readonly asked: Exchange;
  readonly connected: boolean;
}

/** As Go's HTTP client words it: `Post "http://host/Method": dial unix PATH: connect: connection refused`. */
function failureOf(thrown: unknown, { address, asked, connected }: Circumstances): SeawayError {
  const doing = `Post "${urlOf(address)}/${asked.method}"`;
  if (asked.signal.aborted) return fail('PLUGIN_SLOW', doing);
  if (!connected) return fail('PLUGIN_AWAY', doing, `${dialOf(address)}: connect: ${reasonOf(thrown)}`);
  const isCut = thrown instanceof Error && 'code' in thrown && thrown.code === 'ECONNRESET';
  return fail('PLUGIN_BROKEN', doing, isCut ? 'EOF' : reasonOf(thrown));
}

const reasonOf = (thrown: unknown): string => systemReason(thrown) ?? messageOf(thrown);
