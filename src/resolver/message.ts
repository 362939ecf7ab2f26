/** DNS messages (RFC 1035, 4.1), as far as the resolver uses them. */

/** Record types that the resolver knows by name (RFC 1035, 3596, 6891). */
export const recordType = { A: 1, NS: 2, SOA: 6, PTR: 12, AAAA: 28, OPT: 41, ANY: 255 } as const;

export const recordClass = { IN: 1, ANY: 255 } as const;

/** Response codes (RFC 1035, 4.1.1). */
export const rcode = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  /** Unknown EDNS version (RFC 6891, 6.1.3); the upper bits of this code are in the OPT record. */
  BADVERS: 16,
} as const;

export interface Question {
  /** In the asker's case, without the trailing dot; '' is the root. */
  readonly name: string;
  readonly type: number;
  readonly class: number;
}

/** A record of an answer. */
export type AnswerRecord =
  | { readonly type: 'A' | 'AAAA'; readonly name: string; readonly ttl: number; readonly address: string }
  | { readonly type: 'PTR'; readonly name: string; readonly ttl: number; readonly target: string };

/** EDNS(0), RFC 6891. */
export interface Edns {
  /** The largest UDP payload that the sender accepts; at least 512. */
  readonly payload: number;
  readonly version: number;
  /** DNSSEC OK. */
  readonly dnssec: boolean;
}

/** A query with its single question. */
export interface Query {
  readonly id: number;
  readonly opcode: number;
  readonly recursionDesired: boolean;
  readonly question: Question;
  readonly edns: Edns | undefined;
}

/** A malformed message; `why` is for the log. */
export class MalformedMessage extends Error {
  constructor(why: string) {
    super(why);
    this.name = 'MalformedMessage';
  }
}
