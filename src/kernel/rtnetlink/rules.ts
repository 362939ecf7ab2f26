/** Rules that choose routing tables by mark (RTM_*RULE, include/uapi/linux/fib_rules.h). */
import { AF_INET, AF_INET6, errno } from '../ffi/constants.ts';
import { kernelError } from '../ffi/fault.ts';
import { type Rule, seawayProtocol } from '../kernel.ts';
import { Attributes, viewOf, Writer } from '../netlink/attributes.ts';
import { type Message, NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL, type Request } from '../netlink/message.ts';
import type { NetlinkSocket } from '../netlink/socket.ts';
import { FR_ACT_TO_TBL, FRA, RT_TABLE_UNSPEC, RTM } from './constants.ts';

/** struct fib_rule_hdr */
const HEADER = 12;

export function listRules(socket: NetlinkSocket): readonly Rule[] {
  return [AF_INET, AF_INET6].flatMap((family) => {
    const body = new Writer().struct(HEADER, (view) => view.setUint8(0, family));
    const answer = socket.dump({ type: RTM.GETRULE, flags: NLM_F_DUMP, body });
    // a kernel without IPv6
    if (answer.errno === errno.EAFNOSUPPORT || answer.errno === errno.EOPNOTSUPP) return [];
    if (answer.errno !== 0) throw kernelError('list routing rules', answer.errno, answer.extack);
    return answer.messages.flatMap((message) => decodeRule(message) ?? []);
  });
}

export function addRule(socket: NetlinkSocket, rule: Rule): void {
  const answer = socket.request(encodeRule(RTM.NEWRULE, rule));
  if (answer.errno === 0 || answer.errno === errno.EEXIST) return;
  throw kernelError(`add routing rule for table ${rule.table}`, answer.errno, answer.extack);
}

export function removeRule(socket: NetlinkSocket, rule: Rule): void {
  const answer = socket.request(encodeRule(RTM.DELRULE, rule));
  if (answer.errno === 0 || answer.errno === errno.ENOENT) return;
  throw kernelError(`remove routing rule for table ${rule.table}`, answer.errno, answer.extack);
}

export function encodeRule(type: number, { family, priority, mark, mask, table, protocol }: Rule): Request {
  const body = new Writer().struct(HEADER, (view) => {
    view.setUint8(0, family === 4 ? AF_INET : AF_INET6);
    view.setUint8(4, RT_TABLE_UNSPEC);
    view.setUint8(7, FR_ACT_TO_TBL);
  });
  body.u32(FRA.PRIORITY, priority).u32(FRA.FWMARK, mark).u32(FRA.FWMASK, mask);
  body.u32(FRA.TABLE, table).u8(FRA.PROTOCOL, protocol ?? seawayProtocol);
  return { type, flags: type === RTM.NEWRULE ? NLM_F_CREATE | NLM_F_EXCL : 0, body };
}

/** undefined for one that looks at no mark. */
export function decodeRule(message: Message): Rule | undefined {
  if (message.type !== RTM.NEWRULE) return undefined;
  const attributes = new Attributes(message.body.subarray(HEADER));
  const mark = attributes.u32(FRA.FWMARK);
  if (mark === undefined) return undefined;
  return {
    family: viewOf(message.body).getUint8(0) === AF_INET ? 4 : 6,
    priority: attributes.u32(FRA.PRIORITY) ?? 0,
    mark,
    mask: attributes.u32(FRA.FWMASK) ?? 0xffff_ffff,
    table: attributes.u32(FRA.TABLE) ?? viewOf(message.body).getUint8(4),
    protocol: attributes.u8(FRA.PROTOCOL) ?? 0,
  };
}
