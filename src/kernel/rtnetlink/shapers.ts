/** Token bucket filters of links (RTM_*QDISC, tc-tbf(8), include/uapi/linux/pkt_sched.h). */
import { errno } from '../ffi/constants.ts';
import { kernelError } from '../ffi/fault.ts';
import { Attributes, viewOf, Writer } from '../netlink/attributes.ts';
import { type Message, NLM_F_CREATE, NLM_F_ECHO, NLM_F_REPLACE, type Request } from '../netlink/message.ts';
import type { NetlinkSocket } from '../netlink/socket.ts';
import type { Shaper } from '../shaping.ts';
import { RTM, shaperHandle, TC_H_ROOT, TC_LINKLAYER_ETHERNET, TCA, TCA_TBF } from './constants.ts';

/** struct tcmsg */
const HEADER = 20;
/** struct tc_tbf_qopt: two of struct tc_ratespec (12 bytes), limit, buffer, mtu. */
const PARAMETERS = 36;
const RATE = 8;
const LIMIT = 24;

/** That of the link which has the engine's handle; undefined for none. */
export function findShaper(socket: NetlinkSocket, link: number): Shaper | undefined {
  // without it only the listeners of the group are answered (qdisc_get_notify)
  const answer = socket.request({ type: RTM.GETQDISC, flags: NLM_F_ECHO, body: header(link, 0) });
  if (answer.errno !== 0) return undefined;
  return answer.messages.map(decodeShaper).find((found) => found !== undefined);
}

/** Replaces whatever queue the link has. */
export function setShaper(socket: NetlinkSocket, link: number, shaper: Shaper): void {
  const answer = socket.request(encodeShaper(link, shaper));
  if (answer.errno !== 0) throw kernelError('limit the rate of a link', answer.errno, answer.extack);
}

/** None is no error. */
export function removeShaper(socket: NetlinkSocket, link: number): void {
  const answer = socket.request({ type: RTM.DELQDISC, flags: 0, body: header(link, shaperHandle) });
  if ([0, errno.ENOENT, errno.ENODEV, errno.EINVAL].includes(answer.errno)) return;
  throw kernelError("end the limit of a link's rate", answer.errno, answer.extack);
}

function header(link: number, handle: number): Writer {
  return new Writer().struct(HEADER, (view) => {
    view.setInt32(4, link, true);
    view.setUint32(8, handle, true);
    view.setUint32(12, TC_H_ROOT, true);
  });
}

export function encodeShaper(link: number, { rate, burst, limit }: Shaper): Request {
  const parameters = new Uint8Array(PARAMETERS);
  const view = viewOf(parameters);
  // with a link layer no table of transmission times is needed (psched_ratecfg_precompute)
  view.setUint8(1, TC_LINKLAYER_ETHERNET);
  view.setUint32(RATE, Math.min(rate, 0xffff_ffff), true);
  view.setUint32(LIMIT, limit, true);
  const body = header(link, shaperHandle).text(TCA.KIND, 'tbf');
  body.nested(TCA.OPTIONS, (options) => {
    options.data(TCA_TBF.PARMS, parameters).u32(TCA_TBF.BURST, burst);
    if (rate > 0xffff_ffff) {
      const wide = new Uint8Array(8);
      viewOf(wide).setBigUint64(0, BigInt(rate), true);
      options.data(TCA_TBF.RATE64, wide);
    }
  });
  return { type: RTM.NEWQDISC, flags: NLM_F_CREATE | NLM_F_REPLACE, body };
}

/** `burst` is not told by the kernel: 0. */
export function decodeShaper(message: Message): Shaper | undefined {
  if (message.type !== RTM.NEWQDISC) return undefined;
  const attributes = new Attributes(message.body.subarray(HEADER));
  const options = attributes.nested(TCA.OPTIONS);
  const parameters = options.data(TCA_TBF.PARMS);
  const isOwn =
    viewOf(message.body).getUint32(8, true) === shaperHandle && attributes.text(TCA.KIND) === 'tbf';
  if (!isOwn || !parameters || parameters.length < PARAMETERS) return undefined;
  const view = viewOf(parameters);
  const wide = options.data(TCA_TBF.RATE64);
  const rate = wide?.length === 8 ? Number(viewOf(wide).getBigUint64(0, true)) : view.getUint32(RATE, true);
  return { rate, burst: 0, limit: view.getUint32(LIMIT, true) };
}
