/** Encodes and decodes RTM_*LINK messages. Pure. */
import type { BridgePort, Link, LinkChange, LinkSpec } from '../kernel.ts';
import { Attributes, viewOf, Writer } from '../netlink/attributes.ts';
import { macText } from '../netlink/inet.ts';
import type { Message, Request } from '../netlink/message.ts';
import { NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL } from '../netlink/message.ts';
import {
  IFF_NOARP,
  IFF_RUNNING,
  IFF_UP,
  IFLA,
  IFLA_BRPORT,
  IFLA_INFO,
  RTM,
  SKIP_STATS,
} from './constants.ts';
import { readFixed, writeCommon, writeLinkHeader, writeLinkSpec } from './link-kinds.ts';

const LINK_HEADER = 16;
const encoder = new TextEncoder();

export function getLink(key: { readonly name: string } | { readonly index: number }): Request {
  const body = new Writer();
  writeLinkHeader(body, 'index' in key ? key.index : 0);
  if ('name' in key) body.text(IFLA.IFNAME, key.name);
  body.u32(IFLA.EXT_MASK, SKIP_STATS);
  return { type: RTM.GETLINK, flags: 0, body };
}

export function dumpLinks(): Request {
  const body = new Writer();
  writeLinkHeader(body, 0);
  body.u32(IFLA.EXT_MASK, SKIP_STATS);
  return { type: RTM.GETLINK, flags: NLM_F_DUMP, body };
}

export function newLink(spec: LinkSpec): Request {
  const body = new Writer();
  writeLinkHeader(body, 0, spec.up);
  writeLinkSpec(body, spec);
  return { type: RTM.NEWLINK, flags: NLM_F_CREATE | NLM_F_EXCL, body };
}

/** A change except the flags of a bridge port, which RTM_SETLINK ignores. */
export function setLink(index: number, change: LinkChange): Request {
  const body = new Writer();
  writeLinkHeader(body, index, change.up);
  writeChange(body, change);
  return { type: RTM.SETLINK, flags: 0, body };
}

/** As `setLink`, for a link given by its name. */
export function setLinkByName(name: string, change: Omit<LinkChange, 'name'>): Request {
  const body = new Writer();
  writeLinkHeader(body, 0, change.up);
  writeChange(body, { ...change, name });
  return { type: RTM.SETLINK, flags: 0, body };
}

function writeChange(body: Writer, change: LinkChange): void {
  writeCommon(body, change);
  // without NUL: an empty attribute removes the alias
  if (change.alias !== undefined) body.data(IFLA.IFALIAS, encoder.encode(change.alias));
  if (change.master !== undefined) body.u32(IFLA.MASTER, change.master);
  if (change.namespace !== undefined) body.u32(IFLA.NET_NS_FD, change.namespace.fd);
}

/** Flags of a bridge port: RTM_NEWLINK with the port's kind as slave data. */
export function setPort(index: number, port: Partial<BridgePort>): Request {
  const body = new Writer();
  writeLinkHeader(body, index);
  body.nested(IFLA.LINKINFO, () => {
    body.text(IFLA_INFO.SLAVE_KIND, 'bridge').nested(IFLA_INFO.SLAVE_DATA, () => {
      if (port.hairpin !== undefined) body.u8(IFLA_BRPORT.MODE, port.hairpin ? 1 : 0);
      if (port.isolated !== undefined) body.u8(IFLA_BRPORT.ISOLATED, port.isolated ? 1 : 0);
    });
  });
  return { type: RTM.NEWLINK, flags: 0, body };
}

/** Puts a link into a link group (`ip link set X group N`). */
export function setGroup(name: string, group: number): Request {
  const body = new Writer();
  writeLinkHeader(body, 0);
  body.text(IFLA.IFNAME, name).u32(IFLA.GROUP, group);
  return { type: RTM.SETLINK, flags: 0, body };
}

/** Removes one link, or all links of a group. */
export function deleteLink(key: { readonly name: string } | { readonly group: number }): Request {
  const body = new Writer();
  writeLinkHeader(body, 0);
  if ('name' in key) body.text(IFLA.IFNAME, key.name);
  else body.u32(IFLA.GROUP, key.group);
  return { type: RTM.DELLINK, flags: 0, body };
}

/** The link in an RTM_NEWLINK or RTM_DELLINK message. */
export function decodeLink(message: Message): Link {
  const header = viewOf(message.body);
  const attributes = new Attributes(message.body.subarray(LINK_HEADER));
  const info = attributes.nested(IFLA.LINKINFO);
  const port = info.text(IFLA_INFO.SLAVE_KIND) === 'bridge' ? decodePort(info) : undefined;
  const flags = header.getUint32(8, true);
  const type = info.text(IFLA_INFO.KIND) ?? '';
  const fixed = readFixed(type, info);
  return {
    index: header.getInt32(4, true),
    name: attributes.text(IFLA.IFNAME) ?? '',
    type,
    mac: macText(attributes.data(IFLA.ADDRESS) ?? new Uint8Array()),
    mtu: attributes.u32(IFLA.MTU) ?? 0,
    up: (flags & IFF_UP) !== 0,
    alias: attributes.text(IFLA.IFALIAS) ?? '',
    master: attributes.u32(IFLA.MASTER) ?? 0,
    parent: attributes.u32(IFLA.LINK) ?? 0,
    ...(port === undefined ? {} : { port }),
    ...(fixed === undefined ? {} : { fixed }),
    ...((flags & IFF_NOARP) === 0 ? {} : { noarp: true }),
    ...((flags & IFF_RUNNING) === 0 ? {} : { running: true }),
    ...(attributes.text(IFLA.QDISC) === 'tbf' ? { isShaped: true } : {}),
  };
}

function decodePort(info: Attributes): BridgePort {
  const data = info.nested(IFLA_INFO.SLAVE_DATA);
  return { hairpin: data.u8(IFLA_BRPORT.MODE) === 1, isolated: data.u8(IFLA_BRPORT.ISOLATED) === 1 };
}
