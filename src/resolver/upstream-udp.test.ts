import { describe, expect, it } from 'vitest';
import { encodeAnswer, encodeQuery } from './encode.ts';
import { type Query, rcode } from './message.ts';
import { answers, withId } from './upstream-udp.ts';

const query: Query = {
  id: 7,
  opcode: 0,
  recursionDesired: true,
  question: { name: 'Ext.example', type: 1, class: 1 },
  edns: { payload: 1232, version: 0, dnssec: true },
};
const asked = encodeQuery(query);
const answer = (more: Partial<Query> = {}, code: number = rcode.NOERROR) =>
  encodeAnswer({ ...query, ...more }, { rcode: code, limit: 512 });

describe('a message answers a query', () => {
  it('with its id and its question, whatever the case', () => {
    expect(answers(answer(), asked)).toBe(true);
    expect(answers(answer({ question: { ...query.question, name: 'ext.EXAMPLE' } }), asked)).toBe(true);
  });

  it('not with another id, name, type or class, and not as a query', () => {
    expect(answers(answer({ id: 8 }), asked)).toBe(false);
    for (const other of [{ name: 'ext.examplf' }, { name: 'x.ext.example' }, { type: 28 }, { class: 3 }])
      expect(answers(answer({ question: { ...query.question, ...other } }), asked)).toBe(false);
    expect(answers(asked, asked)).toBe(false);
  });

  it('without a question only as an error', () => {
    const bare = (code: number) =>
      encodeAnswer({ ...query, question: undefined }, { rcode: code, limit: 512 });
    expect(answers(bare(rcode.FORMERR), asked)).toBe(true);
    expect(answers(bare(rcode.NOERROR), asked)).toBe(false);
  });
});

it('a message with another id is a copy', () => {
  const copy = withId(asked, 0xbeef);
  expect(copy.readUInt16BE(0)).toBe(0xbeef);
  expect(asked.readUInt16BE(0)).toBe(7);
  expect(copy.subarray(2)).toEqual(asked.subarray(2));
});
