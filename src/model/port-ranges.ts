/** Port specifications of the API: `80`, `80/tcp`, `8000-8010/udp`. */
import { fail } from '../errors.ts';
import { hostAddressText } from '../net/address.ts';
import type { Unwanted } from './live-ports.ts';
import type { Protocol } from './sandbox.ts';

export interface PortRange {
  readonly first: number;
  readonly last: number;
  readonly protocol: string;
}

/** Docker's message names the number without its protocol. */
const invalid = (port: string): Error =>
  fail('CONTAINER_CONFIG_INVALID', `invalid port specification: ${JSON.stringify(port)}`);

/** `80` or `8000-8010`, within 0 to 65535. Throws CONTAINER_CONFIG_INVALID in Docker's words. */
export function parseRange(text: string): { readonly first: number; readonly last: number } {
  const [, from, to] = /^([0-9]{1,5})(?:-([0-9]{1,5}))?$/.exec(text) ?? [];
  if (from === undefined) throw invalid(text);
  const first = Number(from);
  const last = to === undefined ? first : Number(to);
  if (first > 65535 || last > 65535 || last < first) throw invalid(text);
  return { first, last };
}

/** With its protocol; tcp where none is named. */
export function parsePort(text: string): PortRange {
  const [number = '', protocol = 'tcp', ...more] = text.split('/');
  if (more.length > 0 || !/^(tcp|udp|sctp)$/i.test(protocol)) {
    throw fail('CONTAINER_CONFIG_INVALID', `invalid proto: ${text}`);
  }
  return { ...parseRange(number), protocol: protocol.toLowerCase() };
}

/** Each port of the keys as `number/protocol`, ranges spelled out. */
export function expandPorts(keys: readonly string[]): readonly string[] {
  return keys.flatMap((key) => {
    const { first, last, protocol } = parsePort(key);
    return Array.from({ length: last - first + 1 }, (_, index) => `${first + index}/${protocol}`);
  });
}

/** One port as `number/protocol`. Throws CONTAINER_CONFIG_INVALID for a range. */
export function singlePort(key: string): string {
  const { first, last, protocol } = parsePort(key);
  if (first !== last) throw invalid(key.split('/')[0] ?? key);
  return `${first}/${protocol}`;
}

/** `8080`, `127.0.0.1:8080/udp`, `[::1]:8000-8009`: ports of the host. Throws CONTAINER_CONFIG_INVALID. */
export function parseUnwanted(text: string): Unwanted {
  const [, host = '', ports = ''] = /^(?:(.*):)?([^:\]]*)$/.exec(text) ?? [];
  const { first, last, protocol } = parsePort(ports);
  if (first === 0) throw invalid(text);
  const hostIP = hostAddressText(host.replace(/^\[(.*)\]$/, '$1'));
  return { protocol: protocol as Protocol, hostIP, first, last };
}
