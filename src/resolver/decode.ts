/** Decodes queries strictly, and of answers what forwarding needs. */
import { readName } from './domain-name.ts';
import { type Edns, MalformedMessage, type Query, type Question, recordType } from './message.ts';

/** Bytes of the fixed header. */
export const headerSize = 12;
/** UDP payload without EDNS (RFC 1035, 4.2.1). */
export const plainPayload = 512;

/** A question and the offset after it. */
export interface ReadQuestion {
  readonly question: Question;
  readonly next: number;
}

/** Whether a message of at least a header is an answer (QR), which a server must never answer. */
export const isAnswer = (message: Uint8Array): boolean => ((message[2] ?? 0) & 0x80) !== 0;

/**
 * Decodes a query: one question, empty answer and authority sections, at most one OPT record, and nothing
 * after the last record. Throws MalformedMessage.
 */
export function decodeQuery(message: Uint8Array): Query {
  if (message.length < headerSize) throw new MalformedMessage('shorter than a header');
  if (isAnswer(message)) throw new MalformedMessage('an answer where a query belongs');
  const counts = [4, 6, 8, 10].map((at) => word(message, at));
  const [questions, answers, authorities, additional = 0] = counts;
  if (questions !== 1) throw new MalformedMessage(`${questions} questions`);
  if (answers !== 0 || authorities !== 0) throw new MalformedMessage('a query with answers in it');
  const { question, next } = readQuestion(message, headerSize);
  let edns: Edns | undefined;
  let at = next;
  for (let i = 0; i < additional; i += 1) {
    const record = readRecord(message, at);
    if (record.type === recordType.OPT) {
      if (edns) throw new MalformedMessage('two OPT records');
      if (record.name !== '') throw new MalformedMessage('an OPT record with a name');
      edns = readEdns(record);
    }
    at = record.next;
  }
  if (at !== message.length) throw new MalformedMessage('bytes behind the last record');
  const flags = word(message, 2);
  return {
    id: word(message, 0),
    opcode: (flags >> 11) & 0xf,
    recursionDesired: (flags & 0x0100) !== 0,
    question,
    edns,
  };
}

/** Decodes the question at an offset. Throws MalformedMessage. */
export function readQuestion(message: Uint8Array, offset: number): ReadQuestion {
  const { name, next } = readName(message, offset);
  return {
    question: { name, type: word(message, next), class: word(message, next + 2) },
    next: next + 4,
  };
}

export interface ReadRecord {
  readonly name: string;
  readonly type: number;
  readonly class: number;
  readonly ttl: number;
  /** Offset and length of the data. */
  readonly data: number;
  readonly length: number;
  /** Offset of what follows. */
  readonly next: number;
}

/** Decodes the record at an offset without its data. Throws MalformedMessage. */
export function readRecord(message: Uint8Array, offset: number): ReadRecord {
  const { name, next } = readName(message, offset);
  const length = word(message, next + 8);
  const data = next + 10;
  if (data + length > message.length) throw new MalformedMessage('a record that is cut off');
  return {
    name,
    type: word(message, next),
    class: word(message, next + 2),
    ttl: word(message, next + 4) * 0x10000 + word(message, next + 6),
    data,
    length,
    next: data + length,
  };
}

/**
 * The UDP payload size that the sender of this answer announces (RFC 6891, 6.2.3); 512 where it announces none, or
 * where the message is malformed.
 */
export function payloadOf(answer: Uint8Array): number {
  try {
    const [questions = 0, ...sections] = [4, 6, 8, 10].map((at) => word(answer, at));
    let at = headerSize;
    for (let i = 0; i < questions; i += 1) at = readQuestion(answer, at).next;
    for (let left = sections.reduce((sum, count) => sum + count, 0); left > 0; left -= 1) {
      const record = readRecord(answer, at);
      if (record.type === recordType.OPT) return readEdns(record).payload;
      at = record.next;
    }
  } catch (error) {
    if (!(error instanceof MalformedMessage)) throw error;
  }
  return plainPayload;
}

/** In an OPT record the class is the payload size, and the ttl has version and flags (RFC 6891, 6.1.3). */
const readEdns = (record: ReadRecord): Edns => ({
  payload: Math.max(plainPayload, record.class),
  version: Math.floor(record.ttl / 0x10000) & 0xff,
  dnssec: (record.ttl & 0x8000) !== 0,
});

/** A big-endian 16-bit number. Throws MalformedMessage past the end. */
export function word(message: Uint8Array, at: number): number {
  const high = message[at];
  const low = message[at + 1];
  if (high === undefined || low === undefined) throw new MalformedMessage('cut off');
  return (high << 8) | low;
}
