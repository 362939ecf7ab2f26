/** Links by one synchronous request each; slow removal is in `link-remover.ts`. */
import { fail } from '../../errors.ts';
import { errno } from '../ffi/constants.ts';
import { kernelError } from '../ffi/fault.ts';
import type { Link, LinkChange, LinkSpec, RouteSocket } from '../kernel.ts';
import type { Request, Verdict } from '../netlink/message.ts';
import type { NetlinkSocket } from '../netlink/socket.ts';
import { RTM } from './constants.ts';
import { decodeLink, dumpLinks, getLink, newLink, setLink, setLinkByName, setPort } from './link-codec.ts';

/** IFNAMSIZ, which includes the closing NUL. */
const NAME_LIMIT = 16;

export function findLink(socket: NetlinkSocket, name: string): Link | undefined {
  if (name === '' || Buffer.byteLength(name) >= NAME_LIMIT) return undefined;
  return getOne(socket, getLink({ name }), `look up link "${name}"`);
}

/** SIOCGIFINDEX of netdevice(7): struct ifreq, a name of 16 bytes and the index. */
const SIOCGIFINDEX = 0x8933;
const IFREQ = { size: 40, index: 16 } as const;
const SO_BINDTODEVICE = 25;

/** Without the lock of rtnetlink, which the kernel holds for tens of milliseconds while it removes a link. */
export function findIndex(socket: Pick<NetlinkSocket, 'option' | 'ioctl'>, name: string): number | undefined {
  if (name === '' || Buffer.byteLength(name) >= NAME_LIMIT) return undefined;
  // for a link that is missing the ioctl runs modprobe, twice (dev_load of net/core/dev_ioctl.c)
  if (socket.option(SO_BINDTODEVICE, Buffer.from(name)) === errno.ENODEV) return undefined;
  socket.option(SO_BINDTODEVICE, Buffer.alloc(1));
  const request = Buffer.alloc(IFREQ.size);
  request.write(name);
  const reason = socket.ioctl(SIOCGIFINDEX, request);
  if (reason === errno.ENODEV) return undefined;
  if (reason !== 0) throw kernelError(`look up link "${name}"`, reason);
  return request.readInt32LE(IFREQ.index);
}

export function findLinkByIndex(socket: NetlinkSocket, index: number): Link | undefined {
  return index <= 0 ? undefined : getOne(socket, getLink({ index }), `look up link ${index}`);
}

export function listLinks(socket: NetlinkSocket): readonly Link[] {
  const answer = socket.dump(dumpLinks());
  if (answer.errno !== 0) throw kernelError('list links', answer.errno, answer.extack);
  return answer.messages.filter(({ type }) => type === RTM.NEWLINK).map(decodeLink);
}

/**
 * Creates a link. The kernel ignores the alias at creation (rtnl_create_link) and the state of a veth's
 * peer, so a second request to each end sets them. If that fails, the link exists without an owner, and
 * convergence finds it by its name.
 */
export function createLink(socket: NetlinkSocket, spec: LinkSpec): void {
  const answer = socket.request(newLink(spec));
  if (answer.errno !== 0) throw creationError(spec, answer);
  const { name, alias } = spec;
  if (spec.type === 'veth') {
    finish(spec.peer.namespace.route, spec.peer);
    awaitCarrier(socket, name);
  }
  if ('namespace' in spec && spec.namespace !== undefined) finish(spec.namespace.route, { name, alias });
  else if (alias !== undefined) setAlias(socket, name, alias);
}

/**
 * Changes a link by one request, and a second one for the flags of a bridge port. Before Linux 6.2 a link that is
 * up cannot be renamed (EBUSY), so it is set down for that.
 */
export function changeLink(socket: NetlinkSocket, index: number, change: LinkChange): void {
  const { port, ...rest } = change;
  if (Object.values(rest).some((value) => value !== undefined)) {
    const answer = socket.request(setLink(index, rest));
    if (answer.errno === errno.EBUSY && rest.name !== undefined) renameWhileDown(socket, index, rest);
    else if (answer.errno !== 0) throw changeError(index, rest, answer);
  }
  if (port !== undefined) {
    const answer = socket.request(setPort(index, port));
    if (answer.errno !== 0) throw changeError(index, { port }, answer);
  }
}

function renameWhileDown(socket: NetlinkSocket, index: number, change: LinkChange): void {
  const wasUp = findLinkByIndex(socket, index)?.up === true;
  const apply = (step: LinkChange) => {
    const answer = socket.request(setLink(index, step));
    if (answer.errno !== 0) throw changeError(index, step, answer);
  };
  apply({ up: false });
  try {
    apply({ ...change, up: change.up ?? wasUp });
  } catch (refused) {
    if (wasUp) apply({ up: true });
    throw refused;
  }
}

/**
 * A pair has a carrier once both ends are up, but a bridge forwards frames of a port only after linkwatch has
 * run, later on a worker. Since Linux 6.8 looking up the link runs it at once (rtnl_getlink), so that the first
 * frame is not lost.
 */
function awaitCarrier(socket: NetlinkSocket, name: string): void {
  getOne(socket, getLink({ name }), `look up link "${name}"`);
}

function setAlias(socket: NetlinkSocket, name: string, alias: string): void {
  const answer = socket.request(setLinkByName(name, { alias }));
  if (answer.errno !== 0) {
    throw kernelError(`set the alias of link "${name}"`, answer.errno, answer.extack);
  }
}

interface NewEnd {
  readonly name: string;
  readonly alias?: string | undefined;
  readonly up?: boolean | undefined;
}

/** Sets what creation could not, in the link's namespace. */
function finish(route: RouteSocket, { name, alias, up }: NewEnd): void {
  if (alias === undefined && up === undefined) return;
  const link = route.findLink(name);
  if (link === undefined) throw fail('KERNEL', `set up link "${name}"`, 'it went away');
  route.changeLink(link.index, {
    ...(alias === undefined ? {} : { alias }),
    ...(up === undefined ? {} : { up }),
  });
}

function getOne(socket: NetlinkSocket, request: Request, doing: string): Link | undefined {
  const answer = socket.request(request);
  if (answer.errno === errno.ENODEV) return undefined;
  if (answer.errno !== 0) throw kernelError(doing, answer.errno, answer.extack);
  const [message] = answer.messages;
  return message === undefined ? undefined : decodeLink(message);
}

/** A kind of link that the kernel was built without is KERNEL_LACKS, which the user can act on. */
function creationError(spec: LinkSpec, answer: Verdict): Error {
  const unknown = answer.extack === '' || /unknown device type/i.test(answer.extack);
  if (answer.errno === errno.EOPNOTSUPP && unknown) return fail('KERNEL_LACKS', spec.type);
  const isTaken = answer.errno === errno.EEXIST && /vni/i.test(answer.extack);
  if (spec.type === 'vxlan' && isTaken) return fail('VNI_TAKEN', spec.name, spec.vni);
  return kernelError(`create ${spec.type} link "${spec.name}"`, answer.errno, answer.extack);
}

function changeError(index: number, change: LinkChange, answer: Verdict): Error {
  const what = Object.entries(change)
    .map(([key, value]) => (typeof value === 'object' ? key : `${key} ${value}`))
    .join(', ');
  return kernelError(`change link ${index} (${what})`, answer.errno, answer.extack);
}
