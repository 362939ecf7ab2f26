/** TCP connections of a namespace: from /proc/net/tcp (proc(5)), to messages by which the kernel tracks them. Pure. */
import { AF_INET, AF_INET6, IPPROTO_TCP } from '../ffi/constants.ts';
import { Writer } from '../netlink/attributes.ts';
import { NLM_F_CREATE, NLM_F_EXCL, type Request } from '../netlink/message.ts';

/** Which end opened it is told by which local ports are listened on. */
export interface Connection {
  readonly opener: End;
  readonly listener: End;
}

interface End {
  readonly address: Uint8Array;
  readonly port: number;
}

/** linux/tcp_states.h: ESTABLISHED, FIN_WAIT1, FIN_WAIT2, CLOSE_WAIT; LISTEN. */
const open = new Set(['01', '04', '05', '08']);
const listen = '0A';

/** Connections in the texts of /proc/net/tcp and tcp6, but for those of the namespace with itself. */
export function parseConnections(texts: readonly string[]): readonly Connection[] {
  const lines = texts.flatMap((text) =>
    text.split('\n').flatMap((line) => {
      const [, local = '', remote = '', state = ''] = line.trim().split(/\s+/);
      return open.has(state) || state === listen
        ? [{ local: endOf(local), remote: endOf(remote), state }]
        : [];
    }),
  );
  const ports = new Set(lines.filter(({ state }) => state === listen).map(({ local }) => local.port));
  const own = new Set(lines.map(({ local }) => local.address.join()));
  return lines
    .filter(({ state, remote }) => state !== listen && !own.has(remote.address.join()))
    .map(({ local, remote }) =>
      ports.has(local.port) ? { opener: remote, listener: local } : { opener: local, listener: remote },
    );
}

/** `0100007F:1F90`: words of 32 bits in the machine's order. An IPv4-mapped address is one of IPv4. */
function endOf(text: string): End {
  const [hex = '', port = ''] = text.split(':');
  const bytes = Buffer.from(hex, 'hex');
  const address = Uint8Array.from(bytes, (_, at) => bytes[at - (at % 4) + 3 - (at % 4)] ?? 0);
  const isMapped = address.length === 16 && address.subarray(0, 12).join() === '0,0,0,0,0,0,0,0,0,0,255,255';
  return { address: isMapped ? address.slice(12) : address, port: Number.parseInt(port, 16) };
}

/** include/uapi/linux/netfilter/nfnetlink_conntrack.h */
const CTA = { TUPLE_ORIG: 1, TUPLE_REPLY: 2, STATUS: 3, PROTOINFO: 4, TIMEOUT: 7 } as const;
const CTA_TUPLE = { IP: 1, PROTO: 2 } as const;
const CTA_PROTO = { NUM: 1, SRC_PORT: 2, DST_PORT: 3 } as const;
const PROTOINFO_TCP = 1;
const TCP = { STATE: 1, FLAGS_ORIGINAL: 4, FLAGS_REPLY: 5 } as const;
const CT_NEW = 1 << 8;
const ESTABLISHED = 3;
/** IP_CT_TCP_FLAG_BE_LIBERAL: windows are not known. */
const beLiberal = Uint8Array.of(0x08, 0x08);
/** IPS_SEEN_REPLY, IPS_ASSURED, IPS_CONFIRMED. */
const seen = 0x02 | 0x04 | 0x08;
/** Seconds, the kernel's own for such connections. */
const timeout = 432_000;
/** struct nfgenmsg */
const HEADER = 4;

/** Tracks it from now on, as if it had been seen from its beginning. */
export function trackConnection({ opener, listener }: Connection): Request {
  const isFour = opener.address.length === 4;
  const body = new Writer().struct(HEADER, (view) => view.setUint8(0, isFour ? AF_INET : AF_INET6));
  const [source, destination] = isFour ? [1, 2] : [3, 4];
  const tuple = (type: number, from: End, to: End): void => {
    body.nested(type, () => {
      body.nested(CTA_TUPLE.IP, () => body.data(source, from.address).data(destination, to.address));
      body.nested(CTA_TUPLE.PROTO, () => {
        body.u8(CTA_PROTO.NUM, IPPROTO_TCP).u16be(CTA_PROTO.SRC_PORT, from.port);
        body.u16be(CTA_PROTO.DST_PORT, to.port);
      });
    });
  };
  tuple(CTA.TUPLE_ORIG, opener, listener);
  tuple(CTA.TUPLE_REPLY, listener, opener);
  body.u32be(CTA.STATUS, seen).u32be(CTA.TIMEOUT, timeout);
  body.nested(CTA.PROTOINFO, () => {
    body.nested(PROTOINFO_TCP, () => {
      body.u8(TCP.STATE, ESTABLISHED);
      body.data(TCP.FLAGS_ORIGINAL, beLiberal).data(TCP.FLAGS_REPLY, beLiberal);
    });
  });
  return { type: CT_NEW, flags: NLM_F_CREATE | NLM_F_EXCL, body };
}
