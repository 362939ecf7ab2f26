/**
 * Which tables each transaction of nf_tables has changed, from the messages of its multicast group: a transaction's
 * changes come first, then its number (NFT_MSG_NEWGEN). Pure.
 */
import type { RulesetChanges } from '../doors.ts';
import { viewOf } from '../netlink/attributes.ts';
import { nftFamilies } from './nft-families.ts';

const NFNL_SUBSYS_NFTABLES = 10;
const NFT_MSG_NEWGEN = 15;
/** struct nlmsghdr, struct nfgenmsg, struct nlattr. */
const HEADER = 16;
const BODY = HEADER + 4;
const VALUE = BODY + 4;
/** NFTA_TABLE_NAME, NFTA_RULE_TABLE, and so on: the first attribute of every message about a table. */
const NFTA_TABLE = 1;
/** Transactions that are kept at most. */
const most = 10_000;

export class TransactionLog {
  /** The number of the transaction before the first one. */
  #base: number | undefined;
  #transactions: ReadonlySet<string>[] = [];
  /** Tables of the transaction whose number has not come yet. */
  #open = new Set<string>();

  /** Forgets all; transactions after this number are complete from now on. */
  begin(generation: number): void {
    this.#base = generation;
    this.#transactions = [];
    this.#open = new Set();
  }

  /** Messages are missing: nothing is known until it begins again. */
  lose(): void {
    this.#base = undefined;
  }

  get isWhole(): boolean {
    return this.#base !== undefined;
  }

  take(datagram: Uint8Array): void {
    const view = viewOf(datagram);
    for (let at = 0; at + BODY <= datagram.length; ) {
      const length = view.getUint32(at, true);
      if (length < BODY) return;
      const type = view.getUint16(at + 4, true);
      if (type >> 8 === NFNL_SUBSYS_NFTABLES) this.#note(datagram.subarray(at, at + length), type & 0xff);
      at += (length + 3) & ~3;
    }
  }

  /** What came after that number up to the other. Undefined where it is not known. */
  between(from: number, to: number): RulesetChanges | undefined {
    if (from === to) return { generation: to, transactions: [] };
    const base = this.#base;
    if (base === undefined || from < base || base + this.#transactions.length !== to) return undefined;
    return { generation: to, transactions: this.#transactions.slice(from - base) };
  }

  #note(message: Uint8Array, verb: number): void {
    if (verb !== NFT_MSG_NEWGEN) {
      const table = tableOf(message);
      if (table !== undefined) this.#open.add(table);
      return;
    }
    const tables = this.#open;
    this.#open = new Set();
    const base = this.#base;
    if (base === undefined || message.length < VALUE + 4) return;
    const number = viewOf(message).getUint32(VALUE, false);
    // it was under way when this began
    if (number <= base) return;
    if (number === base + this.#transactions.length + 1) this.#transactions.push(tables);
    else this.lose();
    if (this.#transactions.length > most) {
      this.#base = base + most / 2;
      this.#transactions.splice(0, most / 2);
    }
  }
}

/** `ip filter`, as events name it. */
function tableOf(message: Uint8Array): string | undefined {
  if (message.length < VALUE) return undefined;
  const view = viewOf(message);
  if (view.getUint16(BODY + 2, true) !== NFTA_TABLE) return undefined;
  const end = BODY + view.getUint16(BODY, true) - 1;
  const family = nftFamilies[message[HEADER] ?? 0] ?? '';
  return `${family} ${Buffer.from(message.buffer, message.byteOffset + VALUE, end - VALUE).toString('latin1')}`;
}
