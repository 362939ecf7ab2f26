/** What a bridge has learned of a port: RTM_GETNEIGH of AF_BRIDGE. */
import { MSG_DONTWAIT, SO_RCVBUFFORCE, SOL_SOCKET } from '../ffi/constants.ts';
import { checked } from '../ffi/fault.ts';
import * as libc from '../ffi/libc.ts';
import { Attributes, viewOf, Writer } from '../netlink/attributes.ts';
import { macText } from '../netlink/inet.ts';
import { encodeRequest, type Message, messagesOf, NLM_F_DUMP } from '../netlink/message.ts';
import { NETLINK_ROUTE, openNetlink, setOption } from '../netlink/socket.ts';
import { AF_BRIDGE, NDA, NTF_SELF, NUD_PERMANENT, RTM } from './constants.ts';

const HEADER = 12;
const SOL_NETLINK = 270;
const NETLINK_GET_STRICT_CHK = 12;
/** An entry of the user's own, which does not age (linux/neighbour.h). */
const NUD_NOARP = 0x40;
const largest = 64 * 1024;

/**
 * MAC addresses behind a port, at most those of the first part of the kernel's answer: a container can make up any number, and
 * the rest is left unread.
 */
export function learnedBehind(inside: <T>(open: () => T) => T, port: number): readonly string[] {
  const fd = inside(() => openNetlink(NETLINK_ROUTE));
  try {
    // else the kernel ignores the port
    setOption(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1);
    setOption(fd, SOL_SOCKET, SO_RCVBUFFORCE, 4 * largest);
    const body = new Writer().struct(HEADER, (view) => {
      view.setUint8(0, AF_BRIDGE);
      view.setInt32(4, port, true);
    });
    const request = encodeRequest({ type: RTM.GETNEIGH, flags: NLM_F_DUMP, body }, 1);
    checked(libc.send(fd, request, request.length, 0), 'ask what a bridge has learned');
    const answer = new Uint8Array(largest);
    const length = libc.recv(fd, answer, answer.length, MSG_DONTWAIT);
    if (length <= 0) return [];
    const messages = [...messagesOf(answer.slice(0, length))];
    return messages.flatMap((message) => decodeLearned(message, port) ?? []);
  } finally {
    libc.close(fd);
  }
}

function decodeLearned(message: Message, port: number): string | undefined {
  if (message.type !== RTM.NEWNEIGH) return undefined;
  const header = viewOf(message.body);
  const isFixed = (header.getUint16(8, true) & (NUD_PERMANENT | NUD_NOARP)) !== 0;
  const isOwn = (header.getUint8(10) & NTF_SELF) !== 0;
  if (header.getUint8(0) !== AF_BRIDGE || header.getInt32(4, true) !== port || isFixed || isOwn)
    return undefined;
  const mac = new Attributes(message.body.subarray(HEADER)).data(NDA.LLADDR);
  return mac && macText(mac);
}
