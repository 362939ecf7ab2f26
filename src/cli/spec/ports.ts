/** `--publish` and `--expose` in all their forms, to the API's ports and bindings. */
import { isIP } from 'node:net';
import { isLinkHost } from '../../model/port-specs.ts';
import { csvPairs } from './csv.ts';

export interface PublishedPort {
  /** `80/tcp` */
  readonly port: string;
  readonly HostIp: string;
  /** '' for any, a range for any of the range. */
  readonly HostPort: string;
}

interface Range {
  readonly first: number;
  readonly last: number;
}

/** `80` or `80-90`. Throws an `Error`. */
export function parseRange(text: string): Range {
  const [first, last = first, more] = text.split('-');
  const numbers = [first, last].map((part) => (/^\d+$/.test(part ?? '') ? Number(part) : Number.NaN));
  const [from = 0, to = 0] = numbers;
  if (more !== undefined || numbers.some(Number.isNaN) || to > 65535 || from > to)
    throw new Error(`invalid port range: ${text}`);
  return { first: from, last: to };
}

const each = ({ first, last }: Range): number[] =>
  Array.from({ length: last - first + 1 }, (_none, at) => first + at);
const sizeOf = ({ first, last }: Range): number => last - first + 1;

function checkProtocol(protocol: string): string {
  const lower = protocol.toLowerCase();
  if (lower !== 'tcp' && lower !== 'udp' && lower !== 'sctp') throw new Error(`invalid proto: ${protocol}`);
  return lower;
}

/** `[ip:][hostPort:]containerPort[/proto]`, ranges in either, IPv6 in brackets. */
function split(text: string): { ip: string; host: string; container: string } {
  const bracket = /^\[([^\]]*)\]:(.*)$/.exec(text);
  const parts = (bracket?.[2] ?? text).split(':');
  if (bracket !== null) {
    if (parts.length > 2) throw new Error(`invalid port specification: ${text}`);
    return {
      ip: bracket[1] ?? '',
      host: parts.length === 2 ? (parts[0] ?? '') : '',
      container: parts.at(-1) ?? '',
    };
  }
  const container = parts.pop() ?? '';
  const host = parts.pop() ?? '';
  return { ip: parts.join(':'), host, container };
}

function rangeOr(text: string, message: string): Range {
  try {
    return parseRange(text);
  } catch {
    throw new Error(message);
  }
}

/** One `--publish`. Throws an `Error` in docker's words. */
export function parsePublish(text: string): PublishedPort[] {
  if (text.includes('=')) return longForm(text);
  const { ip, host, container: withProtocol } = split(text);
  const [container = '', protocol = 'tcp', more] = withProtocol.split('/');
  if (container === '') throw new Error(`no port specified: ${text}<empty>`);
  if (ip !== '' && isIP(ip) === 0 && !isLinkHost(ip)) throw new Error(`invalid IP address: ${ip}`);
  const inside = rangeOr(container, `invalid containerPort: ${container}`);
  const outside = host === '' ? undefined : rangeOr(host, `invalid hostPort: ${host}`);
  if (more !== undefined)
    throw new Error(`invalid proto: ${withProtocol.slice(withProtocol.indexOf('/') + 1)}`);
  return combine(inside, outside, {
    ip,
    protocol: checkProtocol(protocol),
    text: `${container} and ${host}`,
  });
}

function combine(
  inside: Range,
  outside: Range | undefined,
  how: { ip: string; protocol: string; text: string },
): PublishedPort[] {
  const single = sizeOf(inside) === 1;
  // one container port and a range on the host: any port of the range
  if (outside !== undefined && sizeOf(inside) !== sizeOf(outside) && !single) {
    throw new Error(`invalid ranges specified for container and host Ports: ${how.text}`);
  }
  return each(inside).map((port, at) => {
    const hostPort =
      outside === undefined
        ? ''
        : single && sizeOf(outside) > 1
          ? `${outside.first}-${outside.last}`
          : String(outside.first + at);
    return { port: `${port}/${how.protocol}`, HostIp: how.ip, HostPort: hostPort };
  });
}

/** `target=80,published=8080,protocol=tcp,mode=host`. */
function longForm(text: string): PublishedPort[] {
  const fields = new Map<string, string>();
  for (const [key, value, field] of csvPairs(text)) {
    if (value === undefined || value === '') throw new Error(`invalid field: ${field}`);
    if (!['target', 'published', 'protocol', 'mode'].includes(key))
      throw new Error(`invalid field key: ${key}`);
    fields.set(key, value);
  }
  const target = fields.get('target');
  if (target === undefined) throw new Error(`missing mandatory field "target"`);
  const published = fields.get('published');
  const inside = rangeOr(target, `invalid target port (${target}): value must be an integer`);
  const outside =
    published === undefined
      ? undefined
      : rangeOr(published, `invalid published port (${published}): value must be an integer`);
  return combine(inside, outside, { ip: '', protocol: checkProtocol(fields.get('protocol') ?? 'tcp'), text });
}

/** One `--expose`: ports as `80/tcp`. Throws an `Error`. */
export function parseExpose(text: string): string[] {
  if (text.includes(':')) throw new Error(`invalid port format for --expose: ${text}`);
  const [range = '', protocol = 'tcp'] = text.split('/');
  const ports = rangeOr(
    range,
    `invalid range format for --expose: ${range}, error: strconv.ParseUint: parsing ${JSON.stringify(range)}: invalid syntax`,
  );
  return each(ports).map((port) => `${port}/${checkProtocol(protocol)}`);
}
