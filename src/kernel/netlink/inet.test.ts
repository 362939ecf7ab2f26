import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressBytes, addressText, macBytes, macText, parsePrefix } from './inet.ts';

test.for([
  ['0.0.0.0', '0.0.0.0'],
  ['255.1.20.3', '255.1.20.3'],
  ['::', '::'],
  ['::1', '::1'],
  ['FE80:0:0:0:0:0:0:1', 'fe80::1'],
  ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
  ['1::', '1::'],
  ['::ffff:10.0.0.1', '::ffff:10.0.0.1'],
  ['::ffff:a00:1', '::ffff:10.0.0.1'],
  ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
] as const)('%s is %s in canonical form', ([text, canonical]) => {
  expect(addressText(addressBytes(text))).toBe(canonical);
});

test.for([
  '',
  '1.2.3',
  '1.2.3.256',
  '01.2.3.4',
  '1.2.3.4.5',
  ':::',
  '1::2::3',
  '12345::',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '1:2:3:4:5:6:7::8',
  'fe80::1%eth0',
  '::1.2.3',
])('"%s" is no address', (text) => {
  expect(() => addressBytes(text)).toThrow(`invalid IP address: ${text}`);
});

test('any address is the same after text and back', () => {
  const ip = fc.oneof(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
  );
  fc.assert(
    fc.property(ip, (bytes) => {
      expect(addressBytes(addressText(bytes))).toEqual(bytes);
    }),
  );
});

test('a prefix has its address and length, or the whole length', () => {
  expect(parsePrefix('10.0.0.1/8')).toMatchObject({ address: '10.0.0.1', length: 8 });
  expect(parsePrefix('fd00::1')).toMatchObject({ address: 'fd00::1', length: 128 });
  for (const text of ['10.0.0.1/33', '10.0.0.1/', '10.0.0.1/x', '::/129', '::/-1', '::/1.5']) {
    expect(() => parsePrefix(text)).toThrow(`invalid prefix length: ${text}`);
  }
});

test('a MAC address is read in any case and written in lower case', () => {
  expect(macText(macBytes('02:42:AC:11:00:02'))).toBe('02:42:ac:11:00:02');
  for (const text of ['', '02:42:ac:11:00', '02:42:ac:11:00:2', '02:42:ac:11:00:zz']) {
    expect(() => macBytes(text)).toThrow(`invalid MAC address: ${text}`);
  }
});
