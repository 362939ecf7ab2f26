import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeQuery, readQuestion, readRecord } from './decode.ts';
import { labelsOf, readName } from './domain-name.ts';
import { encodeAnswer, encodeQuery, udpLimit } from './encode.ts';
import { type AnswerRecord, MalformedMessage, type Query, rcode, recordType } from './message.ts';

const hex = (text: string): Buffer => Buffer.from(text.replace(/\s/g, ''), 'hex');
const question = { name: 'qa', type: recordType.A, class: 1 };
const query: Query = { id: 0x1234, opcode: 0, recursionDesired: true, question, edns: undefined };

/** A label of any bytes, in the text form of names. */
const label = fc
  .uint8Array({ minLength: 1, maxLength: 63 })
  .map((bytes) => readName(Buffer.from([bytes.length, ...bytes, 0]), 0).name);
const domain = fc
  .array(label, { maxLength: 5 })
  .map((labels) => labels.join('.'))
  .filter((name) => {
    try {
      labelsOf(name);
      return true;
    } catch {
      return false;
    }
  });

describe('queries', () => {
  it('are what RFC 1035 says, byte for byte', () => {
    const bytes = hex('1234 0100 0001 0000 0000 0000 02 7161 00 0001 0001');
    expect(encodeQuery(query)).toEqual(bytes);
    expect(decodeQuery(bytes)).toEqual(query);
  });

  it('come back as they went, whatever name, type and EDNS', () => {
    const edns = fc.record({
      payload: fc.integer({ min: 512, max: 65535 }),
      version: fc.integer({ min: 0, max: 255 }),
      dnssec: fc.boolean(),
    });
    const any = fc.record({
      id: fc.nat(65535),
      opcode: fc.constant(0),
      recursionDesired: fc.boolean(),
      question: fc.record({ name: domain, type: fc.nat(65535), class: fc.nat(65535) }),
      edns: fc.option(edns, { nil: undefined }),
    });
    fc.assert(
      fc.property(any, (asked) => {
        expect(decodeQuery(encodeQuery(asked))).toEqual(asked);
      }),
    );
  });

  const malformed: readonly (readonly [string, string])[] = [
    ['is shorter than a header', '1234 0100 0001'],
    ['is an answer', '1234 8100 0001 0000 0000 0000 02 7161 00 0001 0001'],
    ['has no question', '1234 0100 0000 0000 0000 0000'],
    ['has two questions', '1234 0100 0002 0000 0000 0000 0161 00 0001 0001 0161 00 0001 0001'],
    ['has an answer in it', '1234 0100 0001 0001 0000 0000 0161 00 0001 0001'],
    ['is cut off in the name', '1234 0100 0001 0000 0000 0000 05 7161'],
    ['is cut off behind the name', '1234 0100 0001 0000 0000 0000 02 7161 00 0001'],
    ['has bytes behind its end', '1234 0100 0001 0000 0000 0000 02 7161 00 0001 0001 00'],
    ['has a name that leads to itself', '1234 0100 0001 0000 0000 0000 c00c 0001 0001'],
    ['has a name that leads forwards', '1234 0100 0001 0000 0000 0000 c012 0001 0001 0161 00'],
    ['has a label of a reserved type', '1234 0100 0001 0000 0000 0000 4061 00 0001 0001'],
    ['lacks the record that it announces', '1234 0100 0001 0000 0000 0001 0161 00 0001 0001'],
    [
      'has two OPT records',
      `1234 0100 0001 0000 0000 0002 0161 00 0001 0001 ${'00 0029 1000 00000000 0000'.repeat(2)}`,
    ],
  ];
  for (const [what, bytes] of malformed)
    it(`are refused when one ${what}`, () => {
      expect(() => decodeQuery(hex(bytes))).toThrow(MalformedMessage);
    });

  it('of any bytes are read or refused, nothing else', () => {
    const bytes = fc.uint8Array({ maxLength: 300 });
    // Most random bytes fail early: give half of them a header that passes.
    const headed = bytes.map((rest) => Buffer.concat([hex('1234 0100 0001 0000 0000 0001'), rest]));
    const readAll = (message: Uint8Array): void => {
      for (const read of [
        () => decodeQuery(message),
        () => readQuestion(message, 12),
        () => readRecord(message, 12),
      ])
        try {
          read();
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedMessage);
        }
    };
    fc.assert(fc.property(fc.oneof(bytes, headed), readAll), { numRuns: 2000 });
  });
});

describe('names', () => {
  it('have at most 255 bytes, with all length bytes', () => {
    const full = [63, 63, 63, 61].map((size) => 'a'.repeat(size)).join('.');
    expect(labelsOf(full)).toHaveLength(4);
    expect(() => labelsOf(`${full}a`)).toThrow(RangeError);
    const bytes = Buffer.concat(
      [63, 63, 63, 62].map((size) => Buffer.from([size, ...Array<number>(size).fill(97)])),
    );
    expect(() => readName(Buffer.concat([bytes, Buffer.of(0)]), 0)).toThrow(/255/);
  });

  it('have labels of at most 63 bytes, and none that is empty', () => {
    for (const name of ['a'.repeat(64), 'a..b', '.a', 'ü€.x'])
      expect(() => labelsOf(name)).toThrow(RangeError);
  });

  it('cannot pass for others: a dot within a label is escaped', () => {
    const { name } = readName(hex('03 612e62 00'), 0);
    expect(name).toBe('a\\046b');
    expect(labelsOf(name)).toHaveLength(1);
  });
});

/** The records of the answer section, data in hex. */
function readAnswer(message: Buffer) {
  let { next } = readQuestion(message, 12);
  const records = Array.from({ length: message.readUInt16BE(6) }, () => {
    const record = readRecord(message, next);
    next = record.next;
    return { ...record, hex: message.toString('hex', record.data, record.data + record.length) };
  });
  return { records, next };
}

describe('answers', () => {
  const a = (address: string): AnswerRecord => ({ type: 'A', name: 'qa', ttl: 600, address });

  it('point to the name of the question', () => {
    const answer = encodeAnswer(query, { rcode: 0, records: [a('172.18.0.2')], limit: 512 });
    expect(answer).toEqual(
      hex('1234 8180 0001 0001 0000 0000 02 7161 00 0001 0001 c00c 0001 0001 00000258 0004 ac120002'),
    );
  });

  it('repeat the question in its case and the wish for recursion', () => {
    const asked = { ...query, recursionDesired: false, question: { ...question, name: 'Qa' } };
    const answer = encodeAnswer(asked, { rcode: rcode.SERVFAIL, limit: 512 });
    expect(answer).toEqual(hex('1234 8082 0001 0000 0000 0000 02 5161 00 0001 0001'));
  });

  it('carry addresses of both families and names', () => {
    const records: AnswerRecord[] = [
      a('10.0.0.1'),
      { type: 'AAAA', name: 'x.qa', ttl: 1, address: 'fd00::1' },
      { type: 'PTR', name: 'qa', ttl: 1, target: 's1.x.qa' },
    ];
    const answer = encodeAnswer(query, { rcode: 0, records, limit: 512 });
    const found = readAnswer(answer).records;
    expect(found.map(({ name, type, ttl }) => [name, type, ttl])).toEqual([
      ['qa', 1, 600],
      ['x.qa', 28, 1],
      ['qa', 12, 1],
    ]);
    expect(found[1]?.hex).toBe('fd000000000000000000000000000001');
    expect(readName(answer, found[2]?.data ?? 0).name).toBe('s1.x.qa');
  });

  it('that do not fit are cut between records and say so', () => {
    const records = Array.from({ length: 60 }, (_, i) => a(`10.0.0.${i}`));
    const plain = encodeAnswer(query, { rcode: 0, records, limit: 512 });
    expect(plain.length).toBeLessThanOrEqual(512);
    expect(plain.readUInt16BE(2) & 0x0200).toBe(0x0200);
    expect(readAnswer(plain).records).toHaveLength(plain.readUInt16BE(6));
    expect(readAnswer(plain).next).toBe(plain.length);
    const edns = { payload: 1232, version: 0, dnssec: false };
    const wide = encodeAnswer({ ...query, edns }, { rcode: 0, records, limit: udpLimit(edns) });
    expect(wide.readUInt16BE(2) & 0x0200).toBe(0);
    expect(wide.readUInt16BE(10)).toBe(1);
    expect(wide.length).toBe(20 + 60 * 16 + 11);
  });

  it('to an unknown version of EDNS have the upper bits of their code in the OPT record', () => {
    const edns = { payload: 512, version: 1, dnssec: true };
    const answer = encodeAnswer({ ...query, edns }, { rcode: rcode.BADVERS, limit: 512 });
    expect(answer.subarray(-11)).toEqual(hex('00 0029 04d0 01 00 8000 0000'));
    expect((answer[3] ?? 0) & 0xf).toBe(0);
  });

  it('are never longer than their limit and always readable', () => {
    const record = fc.record({ name: domain, address: fc.ipV4() });
    const any = fc.tuple(fc.array(record, { maxLength: 40 }), fc.integer({ min: 512, max: 4096 }));
    fc.assert(
      fc.property(any, ([all, limit]) => {
        const records = all.map((one): AnswerRecord => ({ ...one, type: 'A', ttl: 5 }));
        const answer = encodeAnswer(query, { rcode: 0, records, limit });
        expect(answer.length).toBeLessThanOrEqual(limit);
        const found = readAnswer(answer);
        expect(found.next).toBe(answer.length);
        expect(found.records.map(({ name }) => name)).toEqual(
          records.slice(0, found.records.length).map(({ name }) => name),
        );
      }),
    );
  });
});
