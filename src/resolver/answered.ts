/** The addresses in an answer of another server. */
import { formatAddress } from '../net/address.ts';
import { headerSize, readQuestion, readRecord, word } from './decode.ts';
import { MalformedMessage, recordType } from './message.ts';

export interface AnsweredAddress {
  readonly address: string;
  /** Seconds: the least of the answer's records, since an alias may end before its address. */
  readonly ttl: number;
}

/** What the asker is told about one name. */
export interface AnsweredName {
  readonly sandbox: string;
  /** In lower case. */
  readonly name: string;
  readonly addresses: readonly AnsweredAddress[];
}

/** Empty for an answer that cannot be read. */
export function addressesIn(message: Uint8Array): readonly AnsweredAddress[] {
  const addresses = new Set<string>();
  let least = Number.POSITIVE_INFINITY;
  try {
    let at = headerSize;
    for (let left = word(message, 4); left > 0; left -= 1) at = readQuestion(message, at).next;
    for (let left = word(message, 6); left > 0; left -= 1) {
      const { type, ttl, data, length, next } = readRecord(message, at);
      const version =
        type === recordType.A && length === 4 ? 4 : type === recordType.AAAA && length === 16 ? 6 : 0;
      if (version !== 0)
        addresses.add(formatAddress({ version, value: numberOf(message.subarray(data, data + length)) }));
      least = Math.min(least, ttl);
      at = next;
    }
  } catch (error) {
    if (error instanceof MalformedMessage) return [];
    throw error;
  }
  return Array.from(addresses, (address) => ({ address, ttl: least }));
}

const numberOf = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
