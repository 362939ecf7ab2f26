/** Builds a message byte by byte. */
import { addressBytes } from '../kernel/netlink/inet.ts';
import { headerSize } from './decode.ts';
import { labelsOf } from './domain-name.ts';
import { type AnswerRecord, type Edns, type Question, recordClass, recordType } from './message.ts';

/** Bytes of an OPT record without options. */
export const optSize = 11;

/** A message under construction, with compressed names (RFC 1035, 4.1.4). */
export class MessageWriter {
  readonly #bytes: number[] = [];
  /** Offsets of written names and their suffixes, for compression pointers. */
  readonly #names = new Map<string, number>();
  readonly #counts = { questions: 0, answers: 0, additional: 0 };

  constructor({ id, flags }: { readonly id: number; readonly flags: number }) {
    this.#word(id);
    this.#word(flags);
    while (this.#bytes.length < headerSize) this.#bytes.push(0);
  }

  question(question: Question): void {
    this.#counts.questions += 1;
    this.#name(question.name);
    this.#word(question.type);
    this.#word(question.class);
  }

  /** Adds a record if the message then has at most `room` bytes; otherwise sets TC and returns false. */
  record(record: AnswerRecord, room: number): boolean {
    const start = this.#bytes.length;
    this.#name(record.name);
    this.#word(recordType[record.type]);
    this.#word(recordClass.IN);
    this.#word(record.ttl >>> 16);
    this.#word(record.ttl & 0xffff);
    const length = this.#bytes.length;
    this.#word(0);
    if (record.type === 'PTR') this.#name(record.target);
    else this.#bytes.push(...addressBytes(record.address));
    this.#set(length, this.#bytes.length - length - 2);
    if (this.#bytes.length <= room) {
      this.#counts.answers += 1;
      return true;
    }
    this.#bytes.length = start;
    this.#bytes[2] = (this.#bytes[2] ?? 0) | 0x02;
    return false;
  }

  /** The OPT record (RFC 6891, 6.1.2); `extended` has the upper bits of the response code. */
  opt({ payload, version, dnssec }: Edns, extended = 0): void {
    this.#counts.additional += 1;
    this.#bytes.push(0);
    for (const value of [recordType.OPT, payload, (extended << 8) | version, dnssec ? 0x8000 : 0, 0])
      this.#word(value);
  }

  finish(): Buffer {
    this.#set(4, this.#counts.questions);
    this.#set(6, this.#counts.answers);
    this.#set(10, this.#counts.additional);
    return Buffer.from(this.#bytes);
  }

  #word(value: number): void {
    this.#bytes.push((value >> 8) & 0xff, value & 0xff);
  }

  #set(at: number, value: number): void {
    this.#bytes[at] = (value >> 8) & 0xff;
    this.#bytes[at + 1] = value & 0xff;
  }

  #name(text: string): void {
    const labels = labelsOf(text);
    for (const [i, label] of labels.entries()) {
      const rest = Buffer.concat(labels.slice(i).flatMap((one) => [Buffer.of(one.length), one]));
      const key = rest.toString('latin1');
      const target = this.#names.get(key);
      if (target !== undefined) {
        this.#word(0xc000 | target);
        return;
      }
      // a pointer has 14 bits
      if (this.#bytes.length < 0x4000) this.#names.set(key, this.#bytes.length);
      this.#bytes.push(label.length, ...label);
    }
    this.#bytes.push(0);
  }
}
