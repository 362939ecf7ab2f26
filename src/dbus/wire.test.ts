import { expect, test } from 'vitest';
import { decode, encodeCall, lengthOf } from './message.ts';
import { Reader, typesOf, type Value, variant, Writer } from './wire.ts';

const written = (signature: string, values: readonly Value[]): Buffer => {
  const writer = new Writer();
  writer.write(signature, values);
  return writer.bytes();
};

test('a signature is split into its types', () => {
  expect(typesOf('sa{sv}u')).toEqual(['s', 'a{sv}', 'u']);
  expect(typesOf('a(yv)(sas)ab')).toEqual(['a(yv)', '(sas)', 'ab']);
  for (const wrong of ['(s', 'a', 'a{s', 'h', 'a()', 'a{}'])
    expect(() => typesOf(wrong)).toThrow('is not known');
});

test('values are aligned, and an array does not count what aligns its first element', () => {
  expect(written('yu', [1, 2]).toString('hex')).toBe('0100000002000000');
  expect(written('sb', ['ab', true]).toString('hex')).toBe('0200000061620000' + '01000000');
  expect(written('a(yy)', [[[1, 2]]]).toString('hex')).toBe('0200000000000000' + '0102');
  expect(written('as', [[]]).toString('hex')).toBe('00000000');
  expect(written('v', [variant('u', 7)]).toString('hex')).toBe('01750000' + '07000000');
});

test.each<readonly [string, readonly Value[]]>([
  [
    'sa{sv}',
    [
      'docker',
      [
        ['target', variant('s', 'ACCEPT')],
        ['zones', variant('as', ['ANY', 'b'])],
      ],
    ],
  ],
  ['yub', [255, 4_294_967_295, false]],
  [
    'a(ssb)o',
    [
      [
        ['a', 'é', true],
        ['', 'c', false],
      ],
      '/x',
    ],
  ],
  ['v', [variant('v', variant('g', 'a{sv}'))]],
])('what was written as %s is read', (signature, values) => {
  expect(new Reader(written(signature, values)).read(signature)).toEqual(values);
});

test('what is cut off is an error', () => {
  const whole = written('sas', ['abc', ['d', 'e']]);
  for (let length = 0; length < whole.length; length++)
    expect(() => new Reader(whole.subarray(0, length)).read('sas')).toThrow('it is cut off');
});

test('a call has the header fields of the specification, and its body aligned', () => {
  const call = {
    destination: 'a.b',
    path: '/a',
    interface: 'a.b',
    member: 'M',
    signature: 's',
    values: ['x'],
  };
  const bytes = encodeCall(call, 1);
  expect(bytes.toString('latin1')).toBe(
    'l\x01\0\x01\x06\0\0\0\x01\0\0\0\x47\0\0\0' +
      '\x01\x01o\0\x02\0\0\0/a\0\0\0\0\0\0\x02\x01s\0\x03\0\0\0a.b\0\0\0\0\0' +
      '\x03\x01s\0\x01\0\0\0M\0\0\0\0\0\0\0\x06\x01s\0\x03\0\0\0a.b\0\0\0\0\0' +
      '\x08\x01g\0\x01s\0\0\x01\0\0\0x\0',
  );
  expect(lengthOf(bytes)).toBe(bytes.length);
  expect(decode(bytes)).toMatchObject({ kind: 1, interface: 'a.b', member: 'M', values: ['x'] });
});

test('a message that is too long, or of the other byte order, is refused', () => {
  const bytes = encodeCall({ destination: 'a', path: '/', interface: 'a', member: 'M' }, 1);
  expect(lengthOf(bytes.subarray(0, 15))).toBeUndefined();
  bytes.writeUInt32LE(5 << 20, 4);
  expect(() => lengthOf(bytes)).toThrow('bytes');
  bytes.write('B');
  expect(() => lengthOf(bytes)).toThrow('little-endian');
});
