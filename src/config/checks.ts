/** Checks of single values. They throw plain errors in dockerd's words. */

import { isIP, isIPv4, isIPv6 } from 'node:net';
import { type Check, cut } from '../flags/kinds.ts';
import { type Family, width } from '../net/family.ts';

export const ipAddress: Check = (text) => {
  const trimmed = text.trim();
  if (isIP(trimmed) === 0) throw new Error(`${text} is not an ip address`);
  return trimmed;
};

/** The family of a CIDR, or an error in the words of Go's net.ParseCIDR. */
export function familyOfCidr(cidr: string): Family {
  const [address, length] = cut(cidr, '/');
  const family = isIPv4(address) ? 4 : isIPv6(address) ? 6 : undefined;
  const bits = length !== undefined && /^\d{1,3}$/.test(length) ? Number(length) : undefined;
  if (family === undefined || bits === undefined || bits > width(family))
    throw new Error(`invalid CIDR address: ${cidr}`);
  return family;
}

/** Prefix length of a valid CIDR. */
export function prefixLength(cidr: string): number {
  return Number(cut(cidr, '/')[1]);
}

/** `key=value`. */
export const label: Check = (text) => {
  const [key, value] = cut(text, '=');
  if (value === undefined) throw new Error(`bad attribute format: ${text}`);
  if (key.trim() === '') throw new Error(`invalid label format: "${text}"`);
  return text;
};

/** A registry mirror: http(s), no query, no fragment, no user. Ends with a slash. */
export const mirror: Check = (text) => {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1] ?? '';
  if (scheme !== 'http' && scheme !== 'https') {
    throw new Error(`invalid mirror: unsupported scheme "${scheme}" in "${text}"`);
  }
  if (!URL.canParse(text)) throw new Error(`invalid mirror: "${text}" is not a valid URI`);
  const url = new URL(text);
  if (url.search !== '' || url.hash !== '')
    throw new Error(`invalid mirror: query or fragment at end of the URI "${text}"`);
  if (url.username !== '') throw new Error(`invalid mirror: username/password not allowed in URI "${text}"`);
  return `${text.replace(/\/+$/, '')}/`;
};

/** A registry as host, host:port or CIDR; a leading scheme is dropped. */
export const insecureRegistry: Check = (text) => {
  const name = text.replace(/^https?:\/\//i, '');
  const host = /^\[[^\]]*\]/.exec(name)?.[0] ?? cut(cut(name, '/')[0], ':')[0];
  if (name === '' || host.startsWith('-') || host.endsWith('-'))
    throw new Error(`invalid index name (${text})`);
  return name;
};

/** A listening socket: `unix://`, `tcp://`, `fd://`, or short forms of tcp (`:2375`, `host:2375`). */
export const bindAddress: Check = (text) => {
  const given = text.trim();
  if (given === '') return '';
  const [scheme, rest] = given.includes('://') ? cut(given, '://') : ['tcp', given];
  if (scheme === 'unix') return `unix://${rest === '' ? '/run/seaway/engine.sock' : rest}`;
  if (scheme === 'fd') return given;
  if (scheme !== 'tcp' || rest === undefined) throw new Error(`Invalid bind address format: ${text}`);
  return tcpAddress(rest, text);
};

function tcpAddress(rest: string, whole: string): string {
  const match = /^(\[[^\]]*\]|[^:/]*)(?::(\d*))?(\/.*)?$/.exec(rest);
  const port = match?.[2] ?? '';
  if (match === null || Number(port) > 65535) throw new Error(`Invalid bind address format: ${whole}`);
  // the caller fills in a missing port, which depends on TLS
  return `tcp://${match[1] === '' ? 'localhost' : match[1]}${port === '' ? '' : `:${port}`}${match[3] ?? ''}`;
}
