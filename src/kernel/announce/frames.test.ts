import fc from 'fast-check';
import { expect, test } from 'vitest';
import { announcementFrame, icmpv6Checksum } from './frames.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Written in lines as the RFCs draw them. */
const drawn = (...lines: readonly string[]): string => lines.join('').replaceAll(' ', '');

test('an IPv4 address is announced by an ARP request for itself, to everybody', () => {
  expect(hex(announcementFrame('02:42:ac:11:00:02', '172.17.0.2'))).toBe(
    drawn(
      'ffffffffffff 0242ac110002 0806',
      '0001 0800 06 04 0001',
      '0242ac110002 ac110002',
      '000000000000 ac110002',
    ),
  );
});

test('an IPv6 address is announced by an advertisement of itself, to all nodes, to override what they know', () => {
  expect(hex(announcementFrame('02:42:ac:11:00:02', 'fd00:30::5'))).toBe(
    drawn(
      '333300000001 0242ac110002 86dd',
      '60000000 0020 3a ff',
      'fd000030000000000000000000000005',
      'ff020000000000000000000000000001',
      '88 00 adde 20000000',
      'fd000030000000000000000000000005',
      '02 01 0242ac110002',
    ),
  );
});

test('a prefix length makes no difference', () => {
  const mac = '02:42:ac:11:00:02';
  expect(announcementFrame(mac, '172.17.0.2/16')).toEqual(announcementFrame(mac, '172.17.0.2'));
  expect(announcementFrame(mac, 'fd00:30::5/64')).toEqual(announcementFrame(mac, 'fd00:30::5'));
});

test.for([
  ['', '172.17.0.2'],
  ['02:42:ac:11:00', '172.17.0.2'],
  ['02:42:ac:11:00:02', '172.17.0'],
  ['02:42:ac:11:00:02', ''],
] as const)('"%s" at "%s" cannot be announced', ([mac, address]) => {
  expect(() => announcementFrame(mac, address)).toThrow('invalid');
});

const address = fc.uint8Array({ minLength: 16, maxLength: 16 });

test('whoever receives a message and sums it with its checksum gets all ones', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 8, maxLength: 99 }), address, address, (message, from, to) => {
      message.set([0, 0], 2);
      const sum = icmpv6Checksum(message, { from, to });
      message.set([sum >> 8, sum & 0xff], 2);
      // the complement of all ones
      expect(icmpv6Checksum(message, { from, to })).toBe(0);
    }),
  );
});

test('the checksum carries round: ones in a row sum to ones', () => {
  const ones = new Uint8Array(16).fill(0xff);
  const message = new Uint8Array(8);
  // 58 and the length are all that is not ones or zeros
  expect(icmpv6Checksum(message, { from: ones, to: ones })).toBe(0xffff - 66);
});
