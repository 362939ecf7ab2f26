/** TCP connections of a namespace: from /proc/net/tcp (proc(5)), to messages by which the kernel tracks them. Pure. */
import { AF_INET, AF_INET6, IPPROTO_TCP } from '../ffi/constants.ts';
import { Writer } from '../netlink/attributes.ts';
import { NLM_F_CREATE, NLM_F_EXCL, type Request } from '../netlink/message.ts';

/** The local end accepted a connection if something listens on its port; else it opened it. */
export interface Connection {
  readonly opener: End;
  readonly listener: End;
}

interface End {
  /** In hexadecimal, as /proc/net/tcp has it: words of 32 bits in the machine's order. */
  readonly address: string;
  readonly port: number;
}

/** A socket of /proc/net/tcp that listens or is connected. */
export interface TcpSocket {
  readonly local: End;
  readonly remote: End;
  readonly isListening: boolean;
}

/** linux/tcp_states.h: ESTABLISHED, FIN_WAIT1, FIN_WAIT2, CLOSE_WAIT; LISTEN. */
const open = new Set(['01', '04', '05', '08']);
const listen = '0A';

const line = /^ *\d+: ([\dA-F]+):([\dA-F]+) ([\dA-F]+):([\dA-F]+) ([\dA-F]+) /gm;

/** The sockets in whole lines of /proc/net/tcp or tcp6. */
export function parseSockets(text: string): readonly TcpSocket[] {
  const sockets: TcpSocket[] = [];
  for (const [, local = '', port = '', remote = '', remotePort = '', state = ''] of text.matchAll(line))
    if (state === listen || open.has(state))
      sockets.push({
        local: endOf(local, port),
        remote: endOf(remote, remotePort),
        isListening: state === listen,
      });
  return sockets;
}

const mapped = '0000000000000000FFFF0000';

/** An IPv4-mapped address is one of IPv4. */
const endOf = (address: string, port: string): End => ({
  address: address.startsWith(mapped) ? address.slice(mapped.length) : address,
  port: Number.parseInt(port, 16),
});

/** Connections with other namespaces: those to an address of its own are left out. */
export function connectionsOf(sockets: readonly TcpSocket[]): readonly Connection[] {
  const own = new Set(sockets.map(({ local }) => local.address));
  const ports = new Set(sockets.flatMap(({ isListening, local }) => (isListening ? [local.port] : [])));
  return sockets
    .filter(({ isListening, remote }) => !isListening && !own.has(remote.address))
    .map(({ local, remote }) =>
      ports.has(local.port) ? { opener: remote, listener: local } : { opener: local, listener: remote },
    );
}

/** In network order. */
const bytesOf = ({ address }: End): Uint8Array => Buffer.from(address, 'hex').swap32();

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
  const isFour = opener.address.length === 8;
  const body = new Writer().struct(HEADER, (view) => view.setUint8(0, isFour ? AF_INET : AF_INET6));
  const [source, destination] = isFour ? [1, 2] : [3, 4];
  const tuple = (type: number, from: End, to: End): void => {
    body.nested(type, () => {
      body.nested(CTA_TUPLE.IP, () => body.data(source, bytesOf(from)).data(destination, bytesOf(to)));
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
