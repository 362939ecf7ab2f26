/** The short form of the other end of a flow: `web`, `db:5432`, `10.0.0.0/8:53/udp`, `label:tier=db`, `*.debian.org:443`. */
import type { Direction, PolicyPorts, Remote, Selector } from '../model/policy.ts';
import { blockOfOne, formatAddress, formatCidr, network, readAddress, readCidr } from '../net/address.ts';

/** What is wrong, without the place. */
export class Unreadable extends Error {}

export interface ShortForm {
  readonly remote: Remote;
  readonly ports: readonly PolicyPorts[];
}

const words = { any: { kind: 'any' }, host: { kind: 'host' }, outside: { kind: 'outside' } } as const;
const isWord = (text: string): text is keyof typeof words => Object.hasOwn(words, text);

const show = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}...` : text);

/** Throws Unreadable. */
export function readShortForm(text: string, direction: Direction): ShortForm {
  const block = readBlock(text);
  if (block !== undefined) return { remote: { kind: 'addresses', block }, ports: [] };
  const [, address = '', behind = ''] = /^\[([^\]]*)\](?::(.*))?$/.exec(text) ?? [];
  if (address !== '') {
    const inBrackets = readBlock(address);
    if (inBrackets === undefined) throw new Unreadable(`${show(address)} is not an address`);
    return { remote: { kind: 'addresses', block: inBrackets }, ports: behind ? [readPorts(behind)] : [] };
  }
  const [, head = text, tail = ''] = /^(.*):([^:=]+)$/.exec(text) ?? [];
  const isPort = /^[0-9*]/.test(tail) || tail === 'icmp';
  const remote = readRemote(isPort ? head : text, direction);
  return { remote, ports: isPort ? [readPorts(tail)] : [] };
}

function readRemote(text: string, direction: Direction): Remote {
  if (isWord(text)) return words[text];
  const block = readBlock(text);
  if (block !== undefined) return { kind: 'addresses', block };
  if (text.startsWith('label:'))
    return { kind: 'containers', selector: { label: readLabel(text.slice('label:'.length)) } };
  if (text.startsWith('network:'))
    return { kind: 'containers', selector: { network: readNetwork(text.slice('network:'.length)) } };
  // `SERVICE.*` are the tasks of a service
  const isGlob = /[*?]/.test(text.replace(/^\*\./, ''));
  if (direction === 'egress' && text.includes('.') && !isGlob)
    return { kind: 'name', pattern: readDomain(text) };
  return { kind: 'containers', selector: { container: readGlob(text) } };
}

/** An address or a block in canonical form, host bits cleared. */
export function readBlock(text: string): string | undefined {
  const address = readAddress(text);
  if (address) return blockOfOne(formatAddress(address));
  const cidr = readCidr(text);
  return cidr && formatCidr(network(cidr));
}

/** `80`, `80/tcp`, `8000-8100/udp`, `tcp`, `icmp`, or all ports of a protocol: `*\/udp`. Without a protocol TCP is meant. */
export function readPorts(text: string): PolicyPorts {
  if (text === 'icmp') return { protocol: 'icmp', first: 0, last: 0 };
  const all = /^(?:\*\/)?(tcp|udp|sctp)$/.exec(text)?.[1];
  if (all) return { protocol: all as 'tcp', first: 0, last: 65535 };
  const [, low = '', high = low, protocol = 'tcp'] =
    /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp|sctp))?$/.exec(text) ?? [];
  const [first, last] = [Number(low), Number(high)];
  if (low === '' || first < 1 || last > 65535)
    throw new Unreadable(`${show(text)} is not a port: write 80, 53/udp, 8000-8100/tcp or icmp`);
  if (first > last) throw new Unreadable(`the range of ports ${show(text)} ends before it begins`);
  return { protocol: protocol as 'tcp', first, last };
}

/** A name of a container, with `*` and `?`. */
export function readGlob(text: string): string {
  const name = text.replace(/^\//, '');
  if (!/^[a-zA-Z0-9_.*?-]{1,255}$/.test(name))
    throw new Unreadable(`${show(text)} is neither a container's name nor an address`);
  return name;
}

export function readNetwork(text: string): string {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}$/.test(text))
    throw new Unreadable(`${show(text)} is not the name of a network`);
  return text;
}

/** `name` or `name=value`. */
export function readLabel(text: string): NonNullable<Selector['label']> {
  const at = text.indexOf('=');
  const name = at < 0 ? text : text.slice(0, at);
  if (name === '' || text.length > 1024) throw new Unreadable(`${show(text)} is not a label`);
  return at < 0 ? { name } : { name, value: text.slice(at + 1) };
}

/** A DNS name, or `*.` and a domain; in lower case, without the final dot. */
export function readDomain(text: string): string {
  const name = text.toLowerCase().replace(/\.$/, '');
  const rest = name.replace(/^\*\./, '');
  const isName = /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/.test(rest);
  if (!isName || rest.length > 253 || rest.split('.').some((label) => label.length > 63))
    throw new Unreadable(`${show(text)} is not a DNS name: write deb.debian.org or *.debian.org`);
  return name;
}
