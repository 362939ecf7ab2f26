/** Whether a registry answers at all, so that a question about an image need not wait for one that does not. */
import { lookup } from 'node:dns/promises';
import { connect } from 'node:net';
import { fail } from '../errors.ts';
import { joinHostPort } from '../net/address.ts';
import { hasErrno, systemReason } from '../system-error.ts';
import { isPlain } from './skopeo.ts';

/** Milliseconds for its name and for a connection together. */
const limit = 1_000;
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

function addressesOf(host: string): Promise<readonly string[]> {
  const known = resolving.get(host);
  if (known) return known;
  const asked = lookup(host, { all: true })
    .then((found) => found.map(({ address }) => address))
    .finally(() => resolving.delete(host));
  asked.catch(() => undefined);
  resolving.set(host, asked);
  return asked;
}

/** Throws REGISTRY_FAILED in Docker's words. A proxy of the engine's environment decides for itself. */
export async function reach(
  { url, host, port }: Place,
  { environment = process.env, gone }: { environment?: NodeJS.ProcessEnv; gone?: AbortSignal } = {},
): Promise<void> {
  if (proxies.some((name) => environment[name])) return;
  const signal = AbortSignal.any([AbortSignal.timeout(limit), ...(gone ? [gone] : [])]);
  const { promise: over, reject } = Promise.withResolvers<never>();
  over.catch(() => undefined);
  signal.addEventListener('abort', () => reject(new Error('context deadline exceeded')), { once: true });
  let at = `: lookup ${host}`;
  try {
    const addresses = await Promise.race([addressesOf(host), over]);
    at = ` ${joinHostPort(addresses[0] ?? host, port)}: connect`;
    await Promise.race([Promise.any(addresses.map((one) => connected(one, port, signal))), over]);
  } catch (thrown) {
    throw fail('REGISTRY_FAILED', `Get "${url}/v2/": ${wordsOf(thrown, at, signal.aborted)}`);
  }
}

async function connected(host: string, port: number, signal: AbortSignal): Promise<void> {
  const socket = connect({ host, port, signal });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once('connect', () => resolve());
  socket.once('error', reject);
  await promise.finally(() => socket.destroy());
}

function wordsOf(thrown: unknown, at: string, isLate: boolean): string {
  if (isLate) return 'context deadline exceeded';
  const error: unknown = thrown instanceof AggregateError ? thrown.errors[0] : thrown;
  if (hasErrno(error, 'ENOTFOUND')) return `dial tcp${at}: no such host`;
  if (hasErrno(error, 'EAI_AGAIN')) return `dial tcp${at}: server misbehaving`;
  return `dial tcp${at}: ${systemReason(error) ?? String(error)}`;
}
