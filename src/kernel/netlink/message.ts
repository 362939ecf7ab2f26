/** Netlink messages (struct nlmsghdr) and their answers (struct nlmsgerr, extended ack). Pure. */
import { Attributes, viewOf, type Writer } from './attributes.ts';

export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;

/** The answer is sent to the requesting socket as well. */
export const NLM_F_ECHO = 0x8;
export const NLM_F_REQUEST = 0x1;
export const NLM_F_ACK = 0x4;
/** The dump was interrupted by a change and may be inconsistent. */
export const NLM_F_DUMP_INTR = 0x10;
export const NLM_F_DUMP = 0x300;
export const NLM_F_REPLACE = 0x100;
export const NLM_F_EXCL = 0x200;
export const NLM_F_CREATE = 0x400;
export const NLM_F_APPEND = 0x800;

const NLM_F_CAPPED = 0x100;
const NLM_F_ACK_TLVS = 0x200;
const NLMSGERR_ATTR_MSG = 1;
const HEADER = 16;

/** A request without its sequence number; `body` is the family's struct and attributes. */
export interface Request {
  readonly type: number;
  readonly flags: number;
  readonly body: Writer;
}

export interface Message {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  /** Port of the socket that asked for it: mostly the number of its process. 0 for the kernel. */
  readonly port?: number;
  readonly body: Uint8Array;
}

/** The kernel's answer: errno 0 is success; `extack` is its message, or ''. */
export interface Verdict {
  readonly errno: number;
  readonly extack: string;
}

/** Encodes a request that asks for an acknowledgement. */
export const encodeRequest = (request: Request, sequence: number): Uint8Array =>
  encodeMessage({ ...request, flags: request.flags | NLM_F_ACK }, sequence);

/** Encodes a request. Errors are reported without NLM_F_ACK too. */
export function encodeMessage(request: Request, sequence: number): Uint8Array {
  const body = request.body.bytes;
  const bytes = new Uint8Array(HEADER + body.length);
  const view = viewOf(bytes);
  view.setUint32(0, bytes.length, true);
  view.setUint16(4, request.type, true);
  view.setUint16(6, request.flags | NLM_F_REQUEST, true);
  view.setUint32(8, sequence, true);
  bytes.set(body, HEADER);
  return bytes;
}

/** The messages in one datagram. */
export function* messagesOf(bytes: Uint8Array): Generator<Message> {
  const view = viewOf(bytes);
  let at = 0;
  while (at + HEADER <= bytes.length) {
    const length = view.getUint32(at, true);
    if (length < HEADER || at + length > bytes.length) return;
    yield {
      type: view.getUint16(at + 4, true),
      flags: view.getUint16(at + 6, true),
      sequence: view.getUint32(at + 8, true),
      port: view.getUint32(at + 12, true),
      body: bytes.subarray(at + HEADER, at + length),
    };
    at += (length + 3) & ~3;
  }
}

/** The verdict in an NLMSG_ERROR or NLMSG_DONE. */
export function verdictOf(message: Message): Verdict {
  const { body } = message;
  const errno = body.length < 4 ? 0 : Math.abs(viewOf(body).getInt32(0, true));
  if ((message.flags & NLM_F_ACK_TLVS) === 0) return { errno, extack: '' };
  return {
    errno,
    extack: new Attributes(body.subarray(extackOffset(message))).text(NLMSGERR_ATTR_MSG) ?? '',
  };
}

/** An error carries the header (and, unless capped, the whole) of the request before its attributes. */
function extackOffset(message: Message): number {
  if (message.type === NLMSG_DONE) return 4;
  const capped = (message.flags & NLM_F_CAPPED) !== 0;
  if (capped || message.body.length < 8) return 4 + HEADER;
  return 4 + ((viewOf(message.body).getUint32(4, true) + 3) & ~3);
}
