/** The generation of the ruleset: nf_tables counts the transactions of a namespace (NFT_MSG_GETGEN). */
import { messageOf } from '../../errors.ts';
import { viewOf, Writer } from '../netlink/attributes.ts';
import { NETLINK_NETFILTER, NetlinkSocket } from '../netlink/socket.ts';
import type { Inside } from '../netns/sysctl.ts';

const NFT_MSG_NEWGEN = (10 << 8) | 15;
const NFT_MSG_GETGEN = (10 << 8) | 16;
/** Offset of NFTA_GEN_ID, the first attribute, after struct nfgenmsg and its header; big endian. */
const GENERATION = 4 + 4;

export class Generations {
  readonly #inside: Inside;
  #socket: NetlinkSocket | 'none' | undefined;

  constructor(inside: Inside) {
    this.#inside = inside;
  }

  /** Undefined where the kernel has no nf_tables. */
  read(): number | undefined {
    this.#socket ??= this.#open();
    if (this.#socket === 'none') return undefined;
    const body = new Writer().struct(4, () => undefined);
    const { messages } = this.#socket.request({ type: NFT_MSG_GETGEN, flags: 0, body });
    const answer = messages.find(({ type }) => type === NFT_MSG_NEWGEN)?.body;
    return answer && answer.length >= GENERATION + 4 ? viewOf(answer).getUint32(GENERATION) : undefined;
  }

  close(): void {
    if (this.#socket !== 'none') this.#socket?.close();
    this.#socket = 'none';
  }

  #open(): NetlinkSocket | 'none' {
    try {
      return this.#inside(() => new NetlinkSocket(NETLINK_NETFILTER));
    } catch (error) {
      // EPROTONOSUPPORT: built without netfilter's netlink
      if (messageOf(error).includes('EPROTONOSUPPORT')) return 'none';
      throw error;
    }
  }
}
