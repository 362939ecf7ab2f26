import { expect, test } from 'vitest';
import { Attributes, attributesOf, Writer } from './attributes.ts';
import { encodeRequest, messagesOf, NLM_F_CREATE, verdictOf } from './message.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const bytes = (...parts: string[]): Uint8Array => Buffer.from(parts.join('').replaceAll(' ', ''), 'hex');

test('an attribute is length, type and payload, padded to four bytes', () => {
  const writer = new Writer().text(3, 'lo').u8(1, 7).u16be(15, 4789).u32(4, 1500);
  expect(hex(writer.bytes)).toBe(
    hex(bytes('0700 0300 6c6f00 00', '0500 0100 07 000000', '0600 0f00 12b5 0000', '0800 0400 dc050000')),
  );
});

test('a nested attribute has the length of what is in it, and its flag', () => {
  const writer = new Writer().nested(18, (inner) => inner.text(1, 'veth').nested(2, () => undefined));
  expect(hex(writer.bytes)).toBe(hex(bytes('1400 1280', '0900 0100 7665746800 000000', '0400 0280')));
});

test('what is written is read again, however long it is', () => {
  const long = new Uint8Array(5000).fill(9);
  const writer = new Writer().struct(8, (view) => view.setUint8(0, 2));
  writer.nested(5, (inner) => inner.data(1, long).text(2, 'ü'));
  const read = new Attributes(writer.bytes.subarray(8)).nested(5);
  expect(read.data(1)).toEqual(long);
  expect(read.text(2)).toBe('ü');
  expect(read.text(3)).toBeUndefined();
  expect(read.u32(2)).toBeUndefined();
});

test('a length that cannot be right ends the walk', () => {
  expect([...attributesOf(bytes('0300 0100'))]).toEqual([]);
  expect([...attributesOf(bytes('0800 0100 01000000', 'ff00 0200 00'))]).toHaveLength(1);
  expect([...messagesOf(bytes('ffff0000 1000 0000 00000000 00000000'))]).toEqual([]);
  expect([...messagesOf(bytes('0f000000 1000 0000 00000000 00000000'))]).toEqual([]);
});

test('a request has its header: length, type, flags with ACK, sequence', () => {
  const body = new Writer().u8(1, 1);
  expect(hex(encodeRequest({ type: 16, flags: NLM_F_CREATE, body }, 7))).toBe(
    hex(bytes('18000000 1000 0504 07000000 00000000', '0500 0100 01 000000')),
  );
});

const request = '18000000 1000 0504 07000000 00000000 0500 0100 01 000000';

test.for([
  // NLM_F_CAPPED | NLM_F_ACK_TLVS: only the header of the request is repeated
  ['capped', '30000000 0200 0003 07000000 00000000', request.slice(0, 36)],
  ['repeated whole', '38000000 0200 0002 07000000 00000000', request],
] as const)("an error has its errno and the kernel's words, its request %s", ([, header, repeated]) => {
  const [message] = messagesOf(bytes(header, 'edffffff', repeated, '0a00 0100 6f686e6f2100 0000'));
  expect(message && verdictOf(message)).toEqual({ errno: 19, extack: 'ohno!' });
});

test('an acknowledgement without attributes is a success', () => {
  const [message] = messagesOf(bytes('24000000 0200 0001 07000000 00000000 00000000', '00'.repeat(16)));
  expect(message && verdictOf(message)).toEqual({ errno: 0, extack: '' });
});

test('several messages in one datagram come in their order', () => {
  const one = encodeRequest({ type: 20, flags: 0, body: new Writer() }, 1);
  const two = encodeRequest({ type: 21, flags: 0, body: new Writer().u8(1, 1) }, 2);
  expect([...messagesOf(Buffer.concat([one, two]))].map(({ type, sequence }) => [type, sequence])).toEqual([
    [20, 1],
    [21, 2],
  ]);
});
