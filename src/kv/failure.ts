/** Connection errors, worded as Go's clients word them. */
import { hasCode, messageOf } from '../errors.ts';
import type { Address } from './source.ts';

const dials: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connect: connection refused',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  ETIMEDOUT: 'i/o timeout',
  ECONNRESET: 'connection reset by peer',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'temporary failure in name resolution',
};

/** The innermost error, which carries the system's code. Libraries and Happy Eyeballs wrap it. */
function innermost(thrown: unknown): { readonly code: string; readonly message: string } {
  if (thrown instanceof AggregateError && thrown.errors.length > 0) return innermost(thrown.errors[0]);
  if (thrown instanceof Error && thrown.cause instanceof Error) return innermost(thrown.cause);
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  return { code, message: messageOf(thrown) };
}

/** Codes of OpenSSL and Node for TLS handshakes that failed. */
const handshake = /^(ERR_(SSL|TLS|OSSL)_|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HOSTNAME_|EPROTO$)/;

/** Whether one side does not accept the other's certificate. */
export const isRefusal = (thrown: unknown): boolean =>
  hasCode(thrown, 'KV_REFUSED') || handshake.test(innermost(thrown).code);

/** The message without OpenSSL's internals, Node's advice and Connect's code. */
function plain(message: string): string {
  if (/^(\[\w+\] )?(http\/2 stream closed|stream was reset)/.test(message))
    return 'connection closed by the server';
  const [, alert] = /SSL routines:[^:]*:([^:]+):/.exec(message) ?? [];
  return (alert ? `tls: ${alert}` : message).replace(/; if the root CA is .*$/, '').replace(/^\[\w+\] /, '');
}

/** `dial tcp 192.0.2.1:2379: connect: connection refused`. */
export function dialText({ host, port }: Address, thrown: unknown): string {
  const { code, message } = innermost(thrown);
  const where = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  return `dial tcp ${where}: ${dials[code] ?? plain(message)}`;
}
