/**
 * The generation of the ruleset: nf_tables counts the transactions of a namespace (NFT_MSG_GETGEN), and tells what each
 * of them has changed.
 */
import { messageOf } from '../../errors.ts';
import type { RulesetChanges } from '../doors.ts';
import { errno, MSG_DONTWAIT, SO_RCVBUFFORCE, SOL_SOCKET } from '../ffi/constants.ts';
import * as libc from '../ffi/libc.ts';
import { viewOf, Writer } from '../netlink/attributes.ts';
import { NETLINK_NETFILTER, NetlinkSocket, openNetlink, setOption } from '../netlink/socket.ts';
import type { Inside } from '../netns/sysctl.ts';
import { TransactionLog } from './transaction-log.ts';

const NFT_MSG_NEWGEN = (10 << 8) | 15;
const NFT_MSG_GETGEN = (10 << 8) | 16;
/** Offset of NFTA_GEN_ID, the first attribute, after struct nfgenmsg and its header; big endian. */
const GENERATION = 4 + 4;
/** NFNLGRP_NFTABLES is group 7. */
const groups = 1 << 6;
const receiveBuffer = 8 * 1024 * 1024;
const buffer = new Uint8Array(64 * 1024);

interface Sockets {
  readonly requests: NetlinkSocket;
  /** Descriptor of the socket that receives notifications. */
  readonly changes: number;
}

export class Generations {
  readonly #inside: Inside;
  readonly #log = new TransactionLog();
  #sockets: Sockets | 'none' | undefined;

  constructor(inside: Inside) {
    this.#inside = inside;
  }

  /** Undefined where the kernel has no nf_tables. */
  read(): number | undefined {
    this.#sockets ??= this.#open();
    return this.#sockets === 'none' ? undefined : readGeneration(this.#sockets.requests);
  }

  /** What has been changed since `read` gave that number. Undefined where it is not known. */
  since(generation: number): RulesetChanges | undefined {
    const now = this.read();
    if (now === undefined) return undefined;
    // also where nothing has changed, so that messages that were lost are not missed later
    this.#drain();
    const changes = this.#log.between(generation, now);
    if (!this.#log.isWhole) this.#begin();
    return changes;
  }

  close(): void {
    if (this.#sockets && this.#sockets !== 'none') {
      this.#sockets.requests.close();
      libc.close(this.#sockets.changes);
    }
    this.#sockets = 'none';
  }

  #open(): Sockets | 'none' {
    try {
      return this.#inside(() => this.#openBoth());
    } catch (error) {
      // EPROTONOSUPPORT: built without netfilter's netlink
      if (messageOf(error).includes('EPROTONOSUPPORT')) return 'none';
      throw error;
    }
  }

  #openBoth(): Sockets {
    const changes = openNetlink(NETLINK_NETFILTER, { groups });
    try {
      setOption(changes, SOL_SOCKET, SO_RCVBUFFORCE, receiveBuffer);
      const requests = new NetlinkSocket(NETLINK_NETFILTER);
      const generation = readGeneration(requests);
      if (generation !== undefined) this.#log.begin(generation);
      return { requests, changes };
    } catch (error) {
      libc.close(changes);
      throw error;
    }
  }

  /** The number is read when nothing of earlier transactions is missing any more. */
  #begin(): void {
    const now = this.read();
    if (now !== undefined) this.#log.begin(now);
  }

  #drain(): void {
    if (!this.#sockets || this.#sockets === 'none') return;
    for (;;) {
      const length = libc.recv(this.#sockets.changes, buffer, buffer.length, MSG_DONTWAIT);
      if (length >= 0) this.#log.take(buffer.subarray(0, length));
      else if (libc.lastErrno() === errno.ENOBUFS) this.#log.lose();
      else if (libc.lastErrno() !== errno.EINTR) return;
    }
  }
}

function readGeneration(socket: NetlinkSocket): number | undefined {
  const body = new Writer().struct(4, () => undefined);
  const { messages } = socket.request({ type: NFT_MSG_GETGEN, flags: 0, body });
  const answer = messages.find(({ type }) => type === NFT_MSG_NEWGEN)?.body;
  return answer && answer.length >= GENERATION + 4 ? viewOf(answer).getUint32(GENERATION) : undefined;
}
