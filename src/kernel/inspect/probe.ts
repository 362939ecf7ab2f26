/** Sends one packet from inside a namespace and reports what came of it. */
import { randomInt } from 'node:crypto';
import { fail } from '../../errors.ts';
import { familyOf } from '../../net/family.ts';
import {
  AF_INET,
  AF_INET6,
  errno,
  IP_MTU_DISCOVER,
  IP_RECVERR,
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPV6_MTU_DISCOVER,
  IPV6_RECVERR,
  MSG_DONTWAIT,
  SO_ERROR,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../ffi/constants.ts';
import { checked } from '../ffi/fault.ts';
import * as libc from '../ffi/libc.ts';
import { pollDescriptor } from '../ffi/poll-descriptor.ts';
import type { Namespace } from '../kernel.ts';
import { viewOf } from '../netlink/attributes.ts';
import { setOption } from '../netlink/socket.ts';
import type { Flow, Probe, ProbeOptions, ProbeOutcome } from './contract.ts';
import { echoMessage, isEchoReply } from './packets.ts';
import { decodeSockaddr, encodeSockaddr, sockaddrLength } from './sockaddr.ts';

/** IP_PMTUDISC_PROBE: packets are never fragmented, and what is known of the path is ignored (ip(7)). */
const PMTUDISC_PROBE = 3;
const kinds = {
  tcp: { type: SOCK_STREAM, 4: IPPROTO_TCP, 6: IPPROTO_TCP },
  udp: { type: SOCK_DGRAM, 4: IPPROTO_UDP, 6: IPPROTO_UDP },
  icmp: { type: SOCK_RAW, 4: IPPROTO_ICMP, 6: IPPROTO_ICMPV6 },
} as const;
const refusals: readonly number[] = [errno.ECONNREFUSED];

/** Throws KERNEL where the namespace gives no socket, as without the address family. */
export function openProbe(namespace: Namespace, options: ProbeOptions): Probe {
  const family = familyOf(options.to);
  const { type, [family]: number } = kinds[options.protocol];
  const fd = checked(
    namespace.inside(() =>
      libc.socket(family === 4 ? AF_INET : AF_INET6, type | SOCK_NONBLOCK | SOCK_CLOEXEC, number),
    ),
    'open a socket for a probe',
  );
  try {
    return options.protocol === 'icmp' ? echoProbe(fd, options) : portProbe(fd, options);
  } catch (error) {
    libc.close(fd);
    throw error;
  }
}

/** A TCP connection is closed at once, in order: a reset would end programs that expect none. A datagram has one byte. */
function portProbe(fd: number, options: ProbeOptions): Probe {
  const { protocol, to, port } = options;
  if (protocol === 'icmp') throw fail('BUG', 'an echo has no port');
  const any = encodeSockaddr(familyOf(to) === 4 ? '0.0.0.0' : '::', 0);
  checked(libc.bind(fd, any, any.length), 'bind a socket for a probe');
  receiveErrors(fd, to);
  const flow: Flow = { protocol, port: nameOf(fd).port };
  const send = async (): Promise<ProbeOutcome> => {
    const where = encodeSockaddr(to, port);
    const result = libc.connect(fd, where, where.length);
    const reason = result < 0 ? libc.lastErrno() : 0;
    if (reason !== 0 && reason !== errno.EINPROGRESS) return outcomeOf(reason, '');
    const source = nameOf(fd).address;
    if (protocol === 'tcp') {
      if (reason !== 0 && !(await ready(fd, { writable: true, limit: options.limit })))
        return { result: 'silent', reason: '', source };
      return outcomeOf(pendingError(fd), source, 'connected');
    }
    if (libc.send(fd, new Uint8Array(1), 0, 0) < 0) return outcomeOf(libc.lastErrno(), source);
    return receive(fd, { limit: options.limit, source, isAnswer: () => true });
  };
  return { flow, send, close: () => libc.close(fd) };
}

/** Raw sockets see the echo replies of all, by their identifier. */
function echoProbe(fd: number, options: ProbeOptions): Probe {
  const id = randomInt(1, 0x1_0000);
  const family = familyOf(options.to);
  receiveErrors(fd, options.to);
  if (family === 4) setOption(fd, IPPROTO_IP, IP_MTU_DISCOVER, PMTUDISC_PROBE);
  else setOption(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, PMTUDISC_PROBE);
  const send = async (): Promise<ProbeOutcome> => {
    const where = encodeSockaddr(options.to, 0);
    if (libc.connect(fd, where, where.length) < 0) return outcomeOf(libc.lastErrno(), '');
    const source = nameOf(fd).address;
    const header = family === 4 ? 20 : 40;
    const message = echoMessage(family, { id, size: Math.max(64, (options.size ?? 0) - header) });
    if (libc.send(fd, message, message.length, 0) < 0) return outcomeOf(libc.lastErrno(), source);
    return receive(fd, { limit: options.limit, source, isAnswer: (bytes) => isEchoReply(family, bytes, id) });
  };
  return { flow: { protocol: 'icmp', port: id }, send, close: () => libc.close(fd) };
}

/** Errors that routers and the destination report are given to the socket (ip(7), IP_RECVERR). */
function receiveErrors(fd: number, to: string): void {
  if (familyOf(to) === 4) setOption(fd, IPPROTO_IP, IP_RECVERR, 1);
  else setOption(fd, IPPROTO_IPV6, IPV6_RECVERR, 1);
}

interface Receiving {
  readonly limit: number;
  readonly source: string;
  isAnswer(bytes: Uint8Array): boolean;
}

async function receive(fd: number, { limit, source, isAnswer }: Receiving): Promise<ProbeOutcome> {
  const end = performance.now() + limit;
  const bytes = new Uint8Array(64 * 1024);
  for (let left = limit; left > 0; left = end - performance.now()) {
    if (!(await ready(fd, { writable: false, limit: left }))) break;
    const length = libc.recv(fd, bytes, bytes.length, MSG_DONTWAIT);
    if (length >= 0 && isAnswer(bytes.subarray(0, length))) return { result: 'answered', reason: '', source };
    const reason = length < 0 ? libc.lastErrno() : 0;
    if (reason !== 0 && reason !== errno.EAGAIN) return outcomeOf(reason, source);
  }
  return { result: 'silent', reason: '', source };
}

function outcomeOf(reason: number, source: string, good: ProbeOutcome['result'] = 'failed'): ProbeOutcome {
  if (reason === 0) return { result: good, reason: '', source };
  const result = refusals.includes(reason) ? 'refused' : 'failed';
  return { result, reason: libc.errnoName(reason), source };
}

/** False after the limit, in milliseconds. */
function ready(
  fd: number,
  { writable, limit }: { readonly writable: boolean; readonly limit: number },
): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (isReady: boolean): void => {
      clearTimeout(timer);
      poll.close();
      resolve(isReady);
    };
    const poll = pollDescriptor(fd, () => end(true));
    const timer = setTimeout(() => end(false), limit);
    poll.once({ readable: !writable, writable });
  });
}

function pendingError(fd: number): number {
  const value = new Uint8Array(4);
  checked(libc.getsockopt(fd, SOL_SOCKET, SO_ERROR, value, lengthOf(4)), 'read what came of a probe');
  return viewOf(value).getInt32(0, true);
}

function nameOf(fd: number): { readonly address: string; readonly port: number } {
  const bytes = new Uint8Array(sockaddrLength);
  checked(libc.getsockname(fd, bytes, lengthOf(bytes.length)), 'read the address of a probe');
  return decodeSockaddr(bytes);
}

function lengthOf(length: number): Uint8Array {
  const bytes = new Uint8Array(4);
  viewOf(bytes).setUint32(0, length, true);
  return bytes;
}
