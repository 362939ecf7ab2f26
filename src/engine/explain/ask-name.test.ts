import { describe, expect, it } from 'vitest';
import { encodeQuery } from '../../resolver/encode.ts';
import { recordClass, recordType } from '../../resolver/message.ts';
import { readAnswer } from './ask-name.ts';

/** An answer to a question for `db`, with one record of that type and data. */
function answer(type: number, data: readonly number[]): Uint8Array {
  const question = { name: 'db', type, class: recordClass.IN };
  const message = encodeQuery({ id: 7, recursionDesired: true, edns: undefined, question });
  message.set([0x81, 0x80], 2);
  message.set([0, 1], 6);
  const record = [0xc0, 12, 0, type, 0, recordClass.IN, 0, 0, 0, 60, 0, data.length, ...data];
  return Uint8Array.from([...message, ...record]);
}

describe('an answer of a name server', () => {
  it('gives the addresses of its family', () => {
    expect(readAnswer(answer(recordType.A, [192, 0, 2, 1]), 4)).toEqual({
      code: 0,
      addresses: ['192.0.2.1'],
    });
    expect(readAnswer(answer(recordType.A, [192, 0, 2, 1]), 6)).toEqual({ code: 0, addresses: [] });
  });

  it.each([
    ['an address that is too long', answer(recordType.A, [192, 0, 2, 1, 9])],
    ['a record that is cut off', answer(recordType.A, [192, 0, 2, 1]).subarray(0, -2)],
    ['more records than there are', answer(recordType.A, []).with(7, 9)],
  ])('counts as none with %s', (_what, message) => {
    expect(readAnswer(message, 4)).toEqual({ code: -1, addresses: [] });
  });
});
