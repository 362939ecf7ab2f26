/** What is asked: `FROM TO[:PORT][/udp]`. */
import { fail } from '../errors.ts';
import { readAddress } from '../net/address.ts';

export interface Target {
  /** A name or an address; `outside` with its address. */
  readonly name: string;
  /** Absent: an echo. */
  readonly port?: number;
  readonly protocol: 'tcp' | 'udp' | 'icmp';
}

export interface Question {
  readonly from: string;
  readonly to: Target;
}

const wrong = (why: string): Error => fail('BAD_REQUEST', why);

/** Throws BAD_REQUEST. */
export function readQuestion(from: string, to: string): Question {
  if (from.trim() === '') throw wrong('FROM is missing');
  if (to.trim() === '') throw wrong('TO is missing');
  return { from: plainName(from.trim()), to: readTarget(to.trim()) };
}

/** Throws BAD_REQUEST. */
export function readTarget(text: string): Target {
  const [, rest = '', word] = /^(.*?)(?:\/([a-z]+))?$/.exec(text) ?? [];
  if (word !== undefined && word !== 'tcp' && word !== 'udp')
    throw wrong(`"${word}" cannot be explained: the protocol is tcp or udp`);
  const [name, port] = splitPort(rest);
  if (name === '') throw wrong(`"${text}" names nobody`);
  if (port === undefined) {
    if (word !== undefined) throw wrong(`"${text}" has a protocol and no port`);
    return { name, protocol: 'icmp' };
  }
  return { name, port, protocol: word === 'udp' ? 'udp' : 'tcp' };
}

/** An IPv6 address with a port is in brackets; `outside:ADDRESS` may have a port behind it. */
function splitPort(text: string): readonly [name: string, port: number | undefined] {
  const outside = /^outside:(.+)$/.exec(text)?.[1];
  if (outside !== undefined) {
    const [address, port] = splitPort(outside);
    if (!readAddress(address)) throw wrong(`"${address}" is no address`);
    return [`outside:${address}`, port];
  }
  if (readAddress(text)) return [text, undefined];
  const [, bracketed, after] = /^\[([^\]]*)\](?::(.*))?$/.exec(text) ?? [];
  if (bracketed !== undefined) return [bracketed, after === undefined ? undefined : portOf(after)];
  const colon = text.lastIndexOf(':');
  if (colon < 0) return [text, undefined];
  return [text.slice(0, colon), portOf(text.slice(colon + 1))];
}

function portOf(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw wrong(`"${text}" is no port`);
  return port;
}

/** A leading slash is allowed, as in `inspect`'s names. */
const plainName = (text: string): string =>
  text.replace(/^\//, '').replace(/^(outside:)?\[([^\]]*)\]$/, '$1$2');

/** As it is written: `db:5432/udp`. */
export function targetText({ name, port, protocol }: Target): string {
  const host = name.includes(':') && port !== undefined && !name.startsWith('outside:') ? `[${name}]` : name;
  if (port === undefined) return name;
  return `${host}:${port}${protocol === 'udp' ? '/udp' : ''}`;
}
