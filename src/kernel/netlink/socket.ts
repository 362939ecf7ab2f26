/**
 * A netlink socket with one request and answer at a time. The kernel handles a request within `send`,
 * so the answer is in the socket when `send` returns; nothing blocks longer than the kernel works
 * (at most 10 s, by SO_RCVTIMEO).
 */
import { close } from 'node:fs';
import { fail } from '../../errors.ts';
import { attachFilter } from '../ffi/bpf.ts';
import {
  AF_NETLINK,
  errno,
  MSG_DONTWAIT,
  MSG_PEEK,
  MSG_TRUNC,
  SO_RCVBUFFORCE,
  SO_RCVTIMEO,
  SO_SNDBUFFORCE,
  SOCK_CLOEXEC,
  SOCK_RAW,
  SOL_SOCKET,
} from '../ffi/constants.ts';
import { checked, kernelError } from '../ffi/fault.ts';
import * as libc from '../ffi/libc.ts';
import { offLoop } from '../ffi/off-loop.ts';
import { viewOf } from './attributes.ts';
import {
  encodeMessage,
  encodeRequest,
  type Message,
  messagesOf,
  NLM_F_DUMP_INTR,
  NLMSG_DONE,
  NLMSG_ERROR,
  type Request,
  type Verdict,
  verdictOf,
} from './message.ts';

export const NETLINK_ROUTE = 0;
export const NETLINK_NETFILTER = 12;

const SOL_NETLINK = 270;
const NETLINK_CAP_ACK = 10;
const NETLINK_EXT_ACK = 11;
const NETLINK_GET_STRICT_CHK = 12;

/** Tries of a dump that is interrupted by changes. */
const DUMP_ATTEMPTS = 20;
const PATIENCE_SECONDS = 10;
/** Bytes of a transaction that the kernel applies in some milliseconds. */
const smallTransaction = 64 * 1024;

export interface Answer extends Verdict {
  readonly messages: readonly Message[];
}

interface Multicast {
  /** Bit mask. */
  readonly groups?: number;
  /** Instructions of classic BPF that a message must pass. */
  readonly filter?: Uint8Array;
}

/** Opens a netlink socket in the namespace that the thread is in. */
export function openNetlink(protocol: number, { groups = 0, filter }: Multicast = {}): number {
  const doing = 'open a netlink socket';
  const fd = checked(libc.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol), doing);
  const address = new Uint8Array(12);
  viewOf(address).setUint16(0, AF_NETLINK, true);
  viewOf(address).setUint32(8, groups, true);
  try {
    if (filter) attachFilter(fd, filter);
    checked(libc.bind(fd, address, address.length), doing);
  } catch (error) {
    libc.close(fd);
    throw error;
  }
  return fd;
}

/**
 * Closes a socket of netfilter. Where a transaction has removed anything, the kernel waits in close(2) until no packet uses
 * it any more, 10 ms and longer (nft_rcv_nl_event of net/netfilter/nf_tables_api.c).
 */
export const closeOffLoop = (fd: number): void => close(fd, () => undefined);

/** Sets an int option; errors are ignored, because old kernels lack some options. */
export function setOption(fd: number, level: number, name: number, value: number): void {
  const bytes = new Uint8Array(4);
  viewOf(bytes).setInt32(0, value, true);
  libc.setsockopt(fd, level, name, bytes, bytes.length);
}

const unsteady = (): Error =>
  fail('KERNEL', 'list kernel objects', `they changed ${DUMP_ATTEMPTS} times while they were read`);

/** The answer to a dump, of which some messages are wanted. */
class Reading {
  readonly #sequence: number;
  readonly #isWanted: (message: Message) => boolean;
  readonly #messages: Message[] = [];
  answer: Answer | undefined;
  wasInterrupted = false;

  constructor(sequence: number, isWanted: (message: Message) => boolean) {
    this.#sequence = sequence;
    this.#isWanted = isWanted;
  }

  take(datagram: Uint8Array): void {
    for (const message of messagesOf(datagram)) {
      if (message.sequence !== this.#sequence) continue;
      this.wasInterrupted ||= (message.flags & NLM_F_DUMP_INTR) !== 0;
      const isLast = message.type === NLMSG_DONE || message.type === NLMSG_ERROR;
      if (isLast) this.answer = { ...verdictOf(message), messages: this.#messages };
      else if (this.#isWanted(message)) this.#messages.push(message);
    }
  }
}

export class NetlinkSocket {
  readonly #fd: number;
  readonly #protocol: number;
  #sequence = 0;
  #buffer = new Uint8Array(32 * 1024);
  #open = true;
  #busy = false;

  /** Opens a socket in the namespace that the thread is in. */
  constructor(protocol: number) {
    this.#fd = openNetlink(protocol);
    this.#protocol = protocol;
    setOption(this.#fd, SOL_NETLINK, NETLINK_EXT_ACK, 1);
    setOption(this.#fd, SOL_NETLINK, NETLINK_CAP_ACK, 1);
    setOption(this.#fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1);
    setOption(this.#fd, SOL_SOCKET, SO_RCVBUFFORCE, 4 * 1024 * 1024);
    const patience = new Uint8Array(16);
    viewOf(patience).setBigInt64(0, BigInt(PATIENCE_SECONDS), true);
    libc.setsockopt(this.#fd, SOL_SOCKET, SO_RCVTIMEO, patience, patience.length);
  }

  /** Sends one request and reads its answer. Throws only if the socket itself fails. */
  request(request: Request): Answer {
    const sequence = this.#next();
    const bytes = encodeRequest(request, sequence);
    checked(libc.send(this.#fd, bytes, bytes.length, 0), 'send to the kernel');
    return this.#answer(sequence);
  }

  /** A request whose answer has many parts; repeated where objects changed meanwhile. */
  dump(request: Request): Answer {
    for (let attempt = 0; attempt < DUMP_ATTEMPTS; attempt++) {
      const answer = this.request(request);
      if (!answer.messages.some((message) => (message.flags & NLM_F_DUMP_INTR) !== 0)) return answer;
    }
    throw unsteady();
  }

  /** As `dump` on pool threads, for what may be long; only the messages that are wanted are kept. */
  async dumpSlowly(request: Request, isWanted: (message: Message) => boolean): Promise<Answer> {
    for (let attempt = 0; attempt < DUMP_ATTEMPTS; attempt++) {
      const sequence = this.#next();
      await this.#sendSlowly(encodeRequest(request, sequence));
      const reading = new Reading(sequence, isWanted);
      while (!reading.answer) reading.take(await this.#receiveSlowly());
      if (!reading.wasInterrupted) return reading.answer;
    }
    throw unsteady();
  }

  async #sendSlowly(bytes: Uint8Array): Promise<void> {
    this.#busy = true;
    try {
      await offLoop(
        (done) => libc.send.async(this.#fd, bytes, bytes.length, 0, done),
        (sent) => {
          if (sent < 0) throw kernelError('send to the kernel', libc.lastErrno());
        },
      );
    } finally {
      this.#busy = false;
    }
  }

  async #receiveSlowly(): Promise<Uint8Array> {
    this.#busy = true;
    try {
      // MSG_TRUNC: the length of the whole datagram
      const { got, reason } = await offLoop(
        (done) => libc.recv.async(this.#fd, this.#buffer, this.#buffer.length, MSG_TRUNC, done),
        (result) => ({ got: result, reason: result < 0 ? libc.lastErrno() : 0 }),
      );
      if (reason === errno.EINTR) return new Uint8Array(0);
      if (got < 0) throw kernelError('receive from the kernel', reason);
      if (got > this.#buffer.length) throw kernelError('receive from the kernel', errno.EMSGSIZE);
      return this.#buffer.slice(0, got);
    } finally {
      this.#busy = false;
    }
  }

  /**
   * Many requests in one `send` on a pool thread, for requests that take the kernel long. Answers are in the order of
   * the requests. Any other use of the socket meanwhile throws BUG.
   */
  async requestMany(requests: readonly Request[]): Promise<readonly Answer[]> {
    const sequences = requests.map(() => this.#next());
    const parts = requests.map((request, index) => encodeRequest(request, sequences[index] ?? 0));
    await this.#sendSlowly(Buffer.concat(parts));
    return sequences.map((sequence) => this.#answer(sequence));
  }

  /**
   * Requests of one transaction, the first of which begins and the last of which ends it. Undefined where the kernel
   * gave no answer, as if it was interrupted by a signal.
   */
  async transact(requests: readonly Request[]): Promise<Verdict | undefined> {
    const sequences = requests.map(() => this.#next());
    const [first = 0, last = 0] = [sequences[0], sequences.at(-2)];
    const bytes = Buffer.concat(
      requests.map((request, i) =>
        (i === requests.length - 2 ? encodeRequest : encodeMessage)(request, sequences[i] ?? 0),
      ),
    );
    if (bytes.length > smallTransaction) {
      setOption(this.#fd, SOL_SOCKET, SO_SNDBUFFORCE, 2 * bytes.length);
      await this.#sendSlowly(bytes);
    } else checked(libc.send(this.#fd, bytes, bytes.length, 0), 'send to the kernel');
    return this.#verdict(first, last);
  }

  /** The first error of requests from `first` to `last`, or the acknowledgement of the last. */
  #verdict(first: number, last: number): Verdict | undefined {
    let failed: Verdict | undefined;
    for (;;) {
      const datagram = this.#receive(MSG_DONTWAIT);
      if (!datagram) return failed;
      for (const message of messagesOf(datagram)) {
        if (message.type !== NLMSG_ERROR || message.sequence < first) continue;
        const verdict = verdictOf(message);
        if (verdict.errno !== 0) failed ??= verdict;
        if (message.sequence === last) return failed ?? verdict;
      }
    }
  }

  /** setsockopt(2) of SOL_SOCKET. 0 or an errno. */
  option(name: number, value: Uint8Array): number {
    return libc.setsockopt(this.#fd, SOL_SOCKET, name, value, value.length) === 0 ? 0 : libc.lastErrno();
  }

  /** ioctl(2) in the namespace of the socket. 0 or an errno. */
  ioctl(request: number, argument: Uint8Array): number {
    return libc.ioctl(this.#fd, request, argument) === 0 ? 0 : libc.lastErrno();
  }

  close(): void {
    if (this.#open && this.#protocol === NETLINK_NETFILTER) closeOffLoop(this.#fd);
    else if (this.#open) libc.close(this.#fd);
    this.#open = false;
  }

  #next(): number {
    if (!this.#open) throw fail('BUG', 'a netlink socket was used after it was closed');
    if (this.#busy) throw fail('BUG', 'a netlink socket was used while requests were under way');
    this.#sequence = (this.#sequence + 1) >>> 0;
    return this.#sequence;
  }

  /** Reads until the acknowledgement; answers to earlier, abandoned requests are skipped. */
  #answer(sequence: number): Answer {
    const messages: Message[] = [];
    for (;;) {
      for (const message of messagesOf(this.#receive() ?? new Uint8Array(0))) {
        if (message.sequence !== sequence) continue;
        if (message.type === NLMSG_ERROR) return { ...verdictOf(message), messages };
        messages.push(message);
        if (message.type === NLMSG_DONE) {
          messages.pop();
          if ((message.flags & NLM_F_DUMP_INTR) !== 0) messages.push(message);
          return { ...verdictOf(message), messages };
        }
      }
    }
  }

  /** One datagram; the buffer grows first, so that none is truncated. Undefined for none, with MSG_DONTWAIT. */
  #receive(flags = 0): Uint8Array | undefined {
    const waiting = this.#recv(0, MSG_PEEK | MSG_TRUNC | flags);
    if (waiting === undefined) return undefined;
    if (waiting > this.#buffer.length) this.#buffer = new Uint8Array(waiting * 2);
    const length = this.#recv(this.#buffer.length, 0);
    // copied, because messages are views and a dump has many datagrams
    return this.#buffer.slice(0, length);
  }

  #recv(length: number, flags: number): number | undefined {
    for (;;) {
      const got = libc.recv(this.#fd, this.#buffer, length, flags);
      if (got >= 0) return got;
      const reason = libc.lastErrno();
      if (reason === errno.EAGAIN && (flags & MSG_DONTWAIT) !== 0) return undefined;
      if (reason !== errno.EINTR) throw kernelError('receive from the kernel', reason);
    }
  }
}
