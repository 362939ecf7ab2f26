/** Writing answers and queries. */
import { plainPayload } from './decode.ts';
import type { AnswerRecord, Edns, Query, Question } from './message.ts';
import { MessageWriter, optSize } from './writer.ts';

/** What of a query its answer repeats. */
export type AnsweredQuery = Pick<Query, 'id' | 'opcode' | 'recursionDesired' | 'edns'> & {
  /** Absent where it could not be read. */
  readonly question: Question | undefined;
};

export interface AnswerOptions {
  readonly rcode: number;
  readonly records?: readonly AnswerRecord[];
  /** Largest message; records that do not fit are left out and TC is set. */
  readonly limit: number;
}

/** Payload that this server takes by UDP: what fits into a packet on every link of today. */
const ourPayload = 1232;
/** Payload by UDP that this server does not exceed, whatever the asker takes. */
const maxPayload = 4096;

/** The largest answer by UDP to a query. */
export const udpLimit = (edns: Edns | undefined): number => {
  return Math.min(edns?.payload ?? plainPayload, maxPayload);
};

/** The answer to a query: recursion available, never authoritative, as Docker's. */
export function encodeAnswer(query: AnsweredQuery, { rcode, records = [], limit }: AnswerOptions): Buffer {
  const { id, opcode, recursionDesired, question, edns } = query;
  const flags = 0x8080 | (opcode << 11) | (recursionDesired ? 0x0100 : 0) | (rcode & 0xf);
  const writer = new MessageWriter({ id, flags });
  if (question) writer.question(question);
  const room = limit - (edns ? optSize : 0);
  for (const record of records) if (!writer.record(record, room)) break;
  if (edns) writer.opt({ payload: ourPayload, version: 0, dnssec: edns.dnssec }, rcode >> 4);
  return writer.finish();
}

/** A query as a stub resolver sends it. */
export function encodeQuery(query: Omit<Query, 'opcode'>): Buffer {
  const writer = new MessageWriter({ id: query.id, flags: query.recursionDesired ? 0x0100 : 0 });
  writer.question(query.question);
  if (query.edns) writer.opt(query.edns);
  return writer.finish();
}
