/** Routes (RTM_*ROUTE), IPv4 and IPv6. */
import { AF_INET, AF_INET6, errno } from '../ffi/constants.ts';
import { kernelError } from '../ffi/fault.ts';
import { type Route, seawayProtocol } from '../kernel.ts';
import { Attributes, viewOf, Writer } from '../netlink/attributes.ts';
import { addressBytes, addressText, parsePrefix } from '../netlink/inet.ts';
import { type Message, NLM_F_CREATE, NLM_F_DUMP, NLM_F_REPLACE, type Request } from '../netlink/message.ts';
import type { NetlinkSocket } from '../netlink/socket.ts';
import { keyOf, RT_TABLE_MAIN, RT_TABLE_UNSPEC, RTA, RTM, routeTypes, scopes } from './constants.ts';

const ROUTE_HEADER = 12;
/** struct rtnexthop, followed by the attributes of a next hop. */
const NEXT_HOP_HEADER = 8;

/** Leaves out routes of types that `Route` lacks (prohibit, throw). */
export function listRoutes(
  socket: NetlinkSocket,
  filter: { readonly link?: number; readonly table?: number } = {},
): readonly Route[] {
  const { link, table = RT_TABLE_MAIN } = filter;
  const all = [AF_INET, AF_INET6].flatMap((family) => {
    const answer = socket.dump(dumpRoutes(family, { link, table }));
    // a table that never had a route does not exist (ENOENT); the link may be gone (ENODEV)
    if (answer.errno === errno.ENOENT || answer.errno === errno.ENODEV) return [];
    if (answer.errno !== 0) throw kernelError('list routes', answer.errno, answer.extack);
    return answer.messages.flatMap((message) => decodeRoute(message, table) ?? []);
  });
  return link === undefined ? all : all.filter((route) => route.link === link);
}

export function replaceRoute(socket: NetlinkSocket, route: Route): void {
  const answer = socket.request(encodeRoute(RTM.NEWROUTE, route));
  if (answer.errno === 0) return;
  throw kernelError(`set route ${describe(route)}`, answer.errno, answer.extack);
}

/** A missing route or link is no error. */
export function removeRoute(socket: NetlinkSocket, route: Route): void {
  const answer = socket.request(encodeRoute(RTM.DELROUTE, route));
  if (answer.errno === 0 || answer.errno === errno.ESRCH || answer.errno === errno.ENODEV) return;
  throw kernelError(`remove route ${describe(route)}`, answer.errno, answer.extack);
}

function dumpRoutes(
  family: number,
  { link, table }: { readonly link: number | undefined; readonly table: number },
): Request {
  const body = new Writer().struct(ROUTE_HEADER, (view) => {
    view.setUint8(0, family);
    view.setUint8(4, shortTable(table));
  });
  if (shortTable(table) !== table) body.u32(RTA.TABLE, table);
  if (link !== undefined) body.u32(RTA.OIF, link);
  return { type: RTM.GETROUTE, flags: NLM_F_DUMP, body };
}

/** The header has room for small numbers. */
const shortTable = (table: number): number => (table < 256 ? table : RT_TABLE_UNSPEC);

/** The message that sets or removes a route. In a removal absent fields match anything. */
export function encodeRoute(type: number, route: Route): Request {
  const { bytes, length } = parsePrefix(route.destination);
  const setting = type === RTM.NEWROUTE;
  const body = new Writer().struct(ROUTE_HEADER, (view) => {
    view.setUint8(0, bytes.length === 4 ? AF_INET : AF_INET6);
    view.setUint8(1, length);
    view.setUint8(4, shortTable(route.table ?? RT_TABLE_MAIN));
    view.setUint8(5, route.protocol ?? (setting ? seawayProtocol : 0));
    view.setUint8(6, setting ? scopes[scopeOf(route)] : scopes[route.scope ?? 'nowhere']);
    view.setUint8(7, setting || route.type !== undefined ? routeTypes[route.type ?? 'unicast'] : 0);
  });
  if (route.table !== undefined) body.u32(RTA.TABLE, route.table);
  if (length > 0) body.data(RTA.DST, bytes);
  if (route.gateway !== undefined) body.data(RTA.GATEWAY, addressBytes(route.gateway));
  if (route.link !== undefined && route.link !== 0) body.u32(RTA.OIF, route.link);
  if (route.source !== undefined) body.data(RTA.PREFSRC, addressBytes(route.source));
  if (route.metric !== undefined) body.u32(RTA.PRIORITY, route.metric);
  return { type, flags: setting ? NLM_F_CREATE | NLM_F_REPLACE : 0, body };
}

/** As in iproute2: an IPv4 route without gateway has scope link. */
function scopeOf(route: Route): keyof typeof scopes {
  if (route.scope !== undefined) return route.scope;
  const onLink = route.gateway === undefined && (route.type ?? 'unicast') === 'unicast';
  return onLink && parsePrefix(route.destination).bytes.length === 4 ? 'link' : 'global';
}

/** undefined for one of another table. */
export function decodeRoute(message: Message, wanted = RT_TABLE_MAIN): Route | undefined {
  if (message.type !== RTM.NEWROUTE && message.type !== RTM.DELROUTE) return undefined;
  const header = viewOf(message.body);
  const attributes = new Attributes(message.body.subarray(ROUTE_HEADER));
  const table = attributes.u32(RTA.TABLE) ?? header.getUint8(4);
  const type = keyOf(routeTypes, header.getUint8(7));
  const scope = keyOf(scopes, header.getUint8(6));
  if (table !== wanted || type === undefined) return undefined;
  const hop = firstHop(attributes);
  const destination = attributes.data(RTA.DST) ?? new Uint8Array(header.getUint8(0) === AF_INET ? 4 : 16);
  const source = attributes.data(RTA.PREFSRC);
  const metric = attributes.u32(RTA.PRIORITY);
  return {
    destination: `${addressText(destination)}/${header.getUint8(1)}`,
    ...hop,
    ...(source === undefined ? {} : { source: addressText(source) }),
    ...(metric === undefined ? {} : { metric }),
    ...(scope === 'global' || scope === 'link' || scope === 'host' ? { scope } : {}),
    protocol: header.getUint8(5),
    type,
    ...(table === RT_TABLE_MAIN ? {} : { table }),
  };
}

/** Gateway and link of a route, or of its first next hop. */
function firstHop(attributes: Attributes): { gateway?: string; link?: number } {
  const hops = attributes.data(RTA.MULTIPATH);
  const multipath = hops !== undefined && hops.length >= NEXT_HOP_HEADER;
  const length = multipath ? viewOf(hops).getUint16(0, true) : 0;
  const inner = multipath ? new Attributes(hops.subarray(NEXT_HOP_HEADER, length)) : attributes;
  const gateway = inner.data(RTA.GATEWAY);
  const link = multipath ? viewOf(hops).getInt32(4, true) : attributes.u32(RTA.OIF);
  return {
    ...(gateway === undefined ? {} : { gateway: addressText(gateway) }),
    ...(link === undefined ? {} : { link }),
  };
}

function describe(route: Route): string {
  const via = route.gateway === undefined ? '' : ` via ${route.gateway}`;
  const on = route.link === undefined || route.link === 0 ? '' : ` on link ${route.link}`;
  return `${route.type ?? 'unicast'} ${route.destination}${via}${on}`;
}
