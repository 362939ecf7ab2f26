/** Encodes answers and queries. */
import { plainPayload } from './decode.ts';
import type { AnswerRecord, Edns, Query, Question } from './message.ts';
import { MessageWriter, optSize } from './writer.ts';

/** The parts of a query that its answer repeats. */
export type AnsweredQuery = Pick<Query, 'id' | 'opcode' | 'recursionDesired' | 'edns'> & {
  /** Undefined for a malformed query. */
  readonly question: Question | undefined;
};

export interface AnswerOptions {
  readonly rcode: number;
  readonly records?: readonly AnswerRecord[];
  /** Largest message; records that do not fit are left out and TC is set. */
  readonly limit: number;
}

/** UDP payload that this server accepts, which avoids fragmentation on common links. */
const ourPayload = 1232;
/** The largest UDP payload that this server sends. */
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

/** A query of a stub resolver. */
export function encodeQuery(query: Omit<Query, 'opcode'>): Buffer {
  const writer = new MessageWriter({ id: query.id, flags: query.recursionDesired ? 0x0100 : 0 });
  writer.question(query.question);
  if (query.edns) writer.opt(query.edns);
  return writer.finish();
}
