/** Whether a registry answers at all, so that a question about an image need not wait for one that does not. */
import { lookup } from 'node:dns/promises';
import { connect } from 'node:net';
import { fail } from '../errors.ts';
import { joinHostPort } from '../net/address.ts';
import { hasErrno, systemReason } from '../system-error.ts';
import { isPlain } from './skopeo.ts';

/** Milliseconds for its name and for a connection together, and for which one that was silent is not asked again. */
const [limit, pause] = [750, 10_000];
const mostSilent = 100;
const ports = { http: 80, https: 443 } as const;
const proxies = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'] as const;

export interface Place {
  readonly url: string;
  readonly host: string;
  readonly port: number;
}

/** Where the registry of a domain is reached. */
export function placeOf(domain: string, insecure: readonly string[]): Place {
  const scheme = isPlain(domain, insecure) ? 'http' : 'https';
  const at = domain === 'docker.io' ? 'registry-1.docker.io' : domain;
  const [, host = at, port] = /^(.*?)(?::(\d+))?$/.exec(at) ?? [];
  return {
    url: `${scheme}://${at}`,
    host: host.replace(/^\[(.*)\]$/, '$1'),
    port: port === undefined ? ports[scheme] : Number(port),
  };
}

/** Names that are being resolved: each takes a thread for as long as no name server answers. */
const resolving = new Map<string, Promise<readonly string[]>>();

type Lookup = (host: string) => Promise<readonly string[]>;

const lookupAll: Lookup = async (host) => (await lookup(host, { all: true })).map(({ address }) => address);

function addressesOf(host: string, look: Lookup): Promise<readonly string[]> {
  const known = resolving.get(host);
  if (known) return known;
  const asked = look(host).finally(() => resolving.delete(host));
  asked.catch(() => undefined);
  resolving.set(host, asked);
  return asked;
}

/** By their URLs, until when. */
const silent = new Map<string, number>();

function noteSilent(url: string): void {
  if (silent.size >= mostSilent) silent.clear();
  silent.set(url, performance.now() + pause);
}

export interface Reaching {
  readonly environment?: NodeJS.ProcessEnv;
  readonly gone?: AbortSignal;
  readonly lookup?: Lookup;
}

/** Throws REGISTRY_FAILED in Docker's words. A proxy of the engine's environment decides for itself. */
export async function reach(
  { url, host, port }: Place,
  { environment = process.env, gone, lookup: look = lookupAll }: Reaching = {},
): Promise<void> {
  if (proxies.some((name) => environment[name])) return;
  if ((silent.get(url) ?? 0) > performance.now()) throw unreached(url, tooLate);
  const signal = AbortSignal.any([AbortSignal.timeout(limit), ...(gone ? [gone] : [])]);
  const { promise: over, reject } = Promise.withResolvers<never>();
  over.catch(() => undefined);
  signal.addEventListener('abort', () => reject(new Error(tooLate)), { once: true });
  if (signal.aborted) reject(new Error(tooLate));
  let at = `: lookup ${host}`;
  try {
    const addresses = await Promise.race([addressesOf(host, look), over]);
    at = ` ${joinHostPort(addresses[0] ?? host, port)}: connect`;
    await Promise.race([Promise.any(addresses.map((one) => connected(one, port, signal))), over]);
  } catch (thrown) {
    if (signal.aborted && !gone?.aborted) noteSilent(url);
    throw unreached(url, wordsOf(thrown, at, signal.aborted));
  }
}

const tooLate = 'context deadline exceeded';
const unreached = (url: string, why: string): Error => fail('REGISTRY_FAILED', `Get "${url}/v2/": ${why}`);

async function connected(host: string, port: number, signal: AbortSignal): Promise<void> {
  const socket = connect({ host, port, signal });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once('connect', () => resolve());
  socket.once('error', reject);
  await promise.finally(() => socket.destroy());
}

function wordsOf(thrown: unknown, at: string, isLate: boolean): string {
  if (isLate) return tooLate;
  const error: unknown = thrown instanceof AggregateError ? thrown.errors[0] : thrown;
  if (hasErrno(error, 'ENOTFOUND')) return `dial tcp${at}: no such host`;
  if (hasErrno(error, 'EAI_AGAIN')) return `dial tcp${at}: server misbehaving`;
  return `dial tcp${at}: ${systemReason(error) ?? String(error)}`;
}
