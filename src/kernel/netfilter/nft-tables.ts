/** Tables of nftables, read and changed in process. */
import { messageOf } from '../../errors.ts';
import type { NftablesDoor, NftElements, NftElementsChange, NftTable } from '../doors.ts';
import { errno } from '../ffi/constants.ts';
import { kernelError } from '../ffi/fault.ts';
import { NETLINK_NETFILTER, NetlinkSocket } from '../netlink/socket.ts';
import type { Inside } from '../netns/sysctl.ts';
import { changeElements, elementsIn, getTable, listElements } from './nft-elements-codec.ts';
import { printTable } from './nftables.ts';

/** Tries of a transaction that signals interrupt. */
const mostTries = 10;

export class NftTables implements NftablesDoor {
  readonly #inside: Inside;
  #socket: NetlinkSocket | undefined;
  /** Serializes the transactions. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(inside: Inside) {
    this.#inside = inside;
  }

  hasTable(table: NftTable): boolean {
    let socket: NetlinkSocket | undefined;
    try {
      socket = this.#inside(() => new NetlinkSocket(NETLINK_NETFILTER));
      return socket.request(getTable(table)).errno === 0;
    } catch (error) {
      if (messageOf(error).includes('EPROTONOSUPPORT')) return false;
      throw error;
    } finally {
      socket?.close();
    }
  }

  printTable({ family, name }: NftTable): string | undefined {
    try {
      return this.#inside(() => printTable(`${family === 4 ? 'ip' : 'ip6'} ${name}`));
    } catch (error) {
      if (messageOf(error).includes('No such file or directory')) return undefined;
      throw error;
    }
  }

  async listElements(table: NftTable, sets: readonly string[]): Promise<readonly NftElements[]> {
    const socket = this.#inside(() => new NetlinkSocket(NETLINK_NETFILTER));
    try {
      const lists: NftElements[] = [];
      for (const set of sets) {
        const answer = await socket.dumpSlowly(listElements(table, set), () => true);
        if (answer.errno !== 0) throw kernelError(`list "${set}" of nftables`, answer.errno, answer.extack);
        lists.push({ set, elements: answer.messages.flatMap(elementsIn) });
      }
      return lists;
    } finally {
      socket.close();
    }
  }

  changeElements(table: NftTable, change: NftElementsChange): Promise<boolean> {
    const result = this.#turn.then(() => this.#change(table, change));
    this.#turn = result.catch(() => undefined);
    return result;
  }

  close(): void {
    this.#socket?.close();
    this.#socket = undefined;
  }

  async #change(table: NftTable, change: NftElementsChange): Promise<boolean> {
    this.#socket ??= this.#inside(() => new NetlinkSocket(NETLINK_NETFILTER));
    const requests = changeElements(table, change);
    for (let attempt = 1; ; attempt++) {
      const verdict = await this.#socket.transact(requests);
      if (verdict?.errno === 0) return true;
      if (verdict?.errno === errno.ERESTART) return false;
      if (verdict === undefined && attempt < mostTries) continue;
      throw kernelError('change the nftables rules', verdict?.errno ?? errno.EINTR, verdict?.extack);
    }
  }
}
