/** Implements `RouteSocket` with a netlink socket, and a second one for removals. */
import type {
  Address,
  FdbEntry,
  Link,
  LinkChange,
  LinkSpec,
  Neighbour,
  Route,
  RouteSocket,
  Rule,
} from '../kernel.ts';
import { NETLINK_ROUTE, NetlinkSocket } from '../netlink/socket.ts';
import type { Shaper } from '../shaping.ts';
import { addAddress, listAddresses, removeAddress } from './addresses.ts';
import { addFdbEntry, listFdb, removeFdbEntry } from './fdb.ts';
import { LinkRemover } from './link-remover.ts';
import { changeLink, createLink, findIndex, findLink, findLinkByIndex, listLinks } from './links.ts';
import { listNeighbours, removeNeighbour, replaceNeighbour } from './neighbours.ts';
import { listRoutes, removeRoute, replaceRoute } from './routes.ts';
import { addRule, listRules, removeRule } from './rules.ts';
import { findShaper, removeShaper, setShaper } from './shapers.ts';

/** `inside` runs a function in the namespace of the sockets. */
export function openRouteSocket(inside: <T>(open: () => T) => T): RouteSocket {
  const open = (): NetlinkSocket => inside(() => new NetlinkSocket(NETLINK_ROUTE));
  const socket = open();
  const remover = new LinkRemover(open);
  return {
    findLink: (name: string): Link | undefined => findLink(socket, name),
    findIndex: (name: string): number | undefined => findIndex(socket, name),
    findLinkByIndex: (index: number): Link | undefined => findLinkByIndex(socket, index),
    listLinks: () => listLinks(socket),
    createLink: (spec: LinkSpec) => createLink(socket, spec),
    changeLink: (index: number, change: LinkChange) => changeLink(socket, index, change),
    removeLinks: (names: readonly string[]) => remover.remove(names),
    listAddresses: (link?: number) => listAddresses(socket, link),
    addAddress: (address: Address) => addAddress(socket, address),
    removeAddress: (address: Address) => removeAddress(socket, address),
    listRoutes: (filter) => listRoutes(socket, filter),
    replaceRoute: (route: Route) => replaceRoute(socket, route),
    removeRoute: (route: Route) => removeRoute(socket, route),
    listRules: () => listRules(socket),
    addRule: (rule: Rule) => addRule(socket, rule),
    removeRule: (rule: Rule) => removeRule(socket, rule),
    listNeighbours: (link?: number) => listNeighbours(socket, link),
    replaceNeighbour: (neighbour: Neighbour) => replaceNeighbour(socket, neighbour),
    removeNeighbour: (neighbour: Neighbour) => removeNeighbour(socket, neighbour),
    findShaper: (link: number) => findShaper(socket, link),
    setShaper: (link: number, shaper: Shaper) => setShaper(socket, link, shaper),
    removeShaper: (link: number) => removeShaper(socket, link),
    listFdb: (link: number) => listFdb(socket, link),
    addFdbEntry: (entry: FdbEntry) => addFdbEntry(socket, entry),
    removeFdbEntry: (entry: FdbEntry) => removeFdbEntry(socket, entry),
    close: () => {
      socket.close();
      remover.close();
    },
  };
}
