/**
 * Lets a packet arrive by a link of the host without touching it: a frame is sent through a veth pair, whose far
 * end redirects it into the link's ingress (tc-mirred(8)). The pair lives for the moment.
 */

import { fail } from '../../errors.ts';
import { familyOf } from '../../net/family.ts';
import { AF_PACKET, AF_UNSPEC, SOCK_CLOEXEC, SOCK_RAW } from '../ffi/constants.ts';
import { checked, kernelError } from '../ffi/fault.ts';
import * as libc from '../ffi/libc.ts';
import type { Namespace } from '../kernel.ts';
import { viewOf, Writer } from '../netlink/attributes.ts';
import { addressBytes } from '../netlink/inet.ts';
import { NLM_F_CREATE, NLM_F_EXCL, type Request } from '../netlink/message.ts';
import { NETLINK_ROUTE, NetlinkSocket } from '../netlink/socket.ts';
import type { Arrival } from './contract.ts';
import { arrivalFrame } from './packets.ts';

/** linux/rtnetlink.h, linux/pkt_cls.h, linux/tc_act/tc_mirred.h */
const RTM_NEWQDISC = 36;
const RTM_NEWTFILTER = 44;
const TCA_KIND = 1;
const TCA_OPTIONS = 2;
const TC_H_CLSACT = 0xffff_fff1;
const CLSACT_HANDLE = 0xffff_0000;
const MIN_INGRESS = 0xffff_fff2;
const TCA_U32_SEL = 5;
const TCA_U32_ACT = 7;
const TC_U32_TERMINAL = 1;
const TCA_ACT_KIND = 1;
const TCA_ACT_OPTIONS = 2;
const TCA_MIRRED_PARMS = 2;
const TC_ACT_STOLEN = 4;
const TCA_INGRESS_REDIR = 3;
const ethertypes = { 4: 0x0800, 6: 0x86dd } as const;
/** Where an IP header has its source address. */
const sourceAt = { 4: 12, 6: 8 } as const;

let made = 0;
/** Pairs that live. */
const alive = new Set<string>();
const pairName = /^seaway-p\d+$/;

/** Those of an engine that was killed while they lived. */
async function removeForgottenPairs(host: Namespace): Promise<void> {
  const names = host.route.listLinks().map(({ name }) => name);
  const forgotten = names.filter((name) => pairName.test(name) && !alive.has(name));
  if (forgotten.length > 0) await host.route.removeLinks(forgotten);
}

/** Throws KERNEL, as where the kernel lacks u32 or mirred. */
export async function arrive(host: Namespace, arrival: Arrival): Promise<void> {
  await removeForgottenPairs(host);
  const target = host.route.findLink(arrival.link);
  if (!target) throw fail('KERNEL', 'send a probe', `no link ${arrival.link}`);
  made = (made + 1) % 1000;
  const [near, far] = [`seaway-p${made}`, `seaway-q${made}`];
  host.route.createLink({
    type: 'veth',
    name: near,
    up: true,
    peer: { name: far, up: true, namespace: host },
  });
  alive.add(near);
  try {
    const entrance = host.route.findLink(far);
    const exit = host.route.findLink(near);
    if (!entrance || !exit) throw fail('KERNEL', 'send a probe', 'its links are gone');
    redirect(host, arrival, { entrance: entrance.index, target: target.index });
    sendFrame(host, exit.index, arrivalFrame(arrival, entrance.mac));
  } finally {
    await host.route.removeLinks([near]);
    alive.delete(near);
  }
}

function redirect(
  host: Namespace,
  arrival: Arrival,
  { entrance, target }: { readonly entrance: number; readonly target: number },
): void {
  const socket = host.inside(() => new NetlinkSocket(NETLINK_ROUTE));
  try {
    for (const request of [clsact(entrance), filterFrom(arrival.source, { entrance, target })]) {
      const { errno, extack } = socket.request(request);
      if (errno !== 0) throw kernelError('let a probe arrive', errno, extack);
    }
  } finally {
    socket.close();
  }
}

/** struct tcmsg: family, link, handle, parent, info. */
const tcMessage = (link: number, of: { handle: number; parent: number; info: number }): Writer =>
  new Writer().struct(20, (view) => {
    view.setUint8(0, AF_UNSPEC);
    view.setInt32(4, link, true);
    view.setUint32(8, of.handle, true);
    view.setUint32(12, of.parent, true);
    view.setUint32(16, of.info, true);
  });

const clsact = (link: number): Request => ({
  type: RTM_NEWQDISC,
  flags: NLM_F_CREATE | NLM_F_EXCL,
  body: tcMessage(link, { handle: CLSACT_HANDLE, parent: TC_H_CLSACT, info: 0 }).text(TCA_KIND, 'clsact'),
});

/** Only the probe is redirected, by its source, so that nothing that the pair itself sends gets in. */
function filterFrom(
  source: string,
  { entrance, target }: { readonly entrance: number; readonly target: number },
): Request {
  const family = familyOf(source);
  const type = ethertypes[family];
  // priority 1, and the EtherType in network order
  const info = (1 << 16) | ((type & 0xff) << 8) | (type >> 8);
  const body = tcMessage(entrance, { handle: 0, parent: MIN_INGRESS, info }).text(TCA_KIND, 'u32');
  body.nested(TCA_OPTIONS, (options) => {
    options.data(TCA_U32_SEL, selector(addressBytes(source), sourceAt[family]));
    options.nested(TCA_U32_ACT, (actions) => {
      actions.nested(1, (action) => {
        action.text(TCA_ACT_KIND, 'mirred');
        action.nested(TCA_ACT_OPTIONS, (mirred) => mirred.data(TCA_MIRRED_PARMS, mirredTo(target)));
      });
    });
  });
  return { type: RTM_NEWTFILTER, flags: NLM_F_CREATE | NLM_F_EXCL, body };
}

/** struct tc_u32_sel with a key for each word of the address. */
function selector(address: Uint8Array, at: number): Uint8Array {
  const words = address.length / 4;
  const bytes = new Uint8Array(16 + words * 16);
  const view = viewOf(bytes);
  bytes[0] = TC_U32_TERMINAL;
  bytes[2] = words;
  for (let word = 0; word < words; word++) {
    const key = 16 + word * 16;
    view.setUint32(key, 0xffff_ffff);
    bytes.set(address.subarray(word * 4, word * 4 + 4), key + 4);
    view.setInt32(key + 8, at + word * 4, true);
  }
  return bytes;
}

/** struct tc_mirred: index, capab, action, refcnt, bindcnt, eaction, ifindex. */
function mirredTo(link: number): Uint8Array {
  const bytes = new Uint8Array(28);
  viewOf(bytes).setInt32(8, TC_ACT_STOLEN, true);
  viewOf(bytes).setInt32(20, TCA_INGRESS_REDIR, true);
  viewOf(bytes).setUint32(24, link, true);
  return bytes;
}

function sendFrame(host: Namespace, link: number, frame: Uint8Array): void {
  const doing = 'let a probe arrive';
  const fd = checked(
    host.inside(() => libc.socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0)),
    doing,
  );
  try {
    const where = new Uint8Array(20);
    viewOf(where).setUint16(0, AF_PACKET, true);
    viewOf(where).setInt32(4, link, true);
    checked(libc.bind(fd, where, where.length), doing);
    checked(libc.send(fd, frame, frame.length, 0), doing);
  } finally {
    libc.close(fd);
  }
}
