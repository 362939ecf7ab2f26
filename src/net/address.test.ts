import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bare,
  blockOfOne,
  broadcast,
  type Cidr,
  compare,
  contains,
  formatAddress,
  formatCidr,
  hostCount,
  isLinkLocal,
  joinHostPort,
  network,
  overlaps,
  parseAddress,
  parseCidr,
  parseSubnet,
  readAddress,
} from './address.ts';

const anyAddress = fc.oneof(
  fc.bigInt({ min: 0n, max: (1n << 32n) - 1n }).map((value) => ({ version: 4 as const, value })),
  fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }).map((value) => ({ version: 6 as const, value })),
);
const anyBlock: fc.Arbitrary<Cidr> = anyAddress.chain((address) =>
  fc
    .integer({ min: 0, max: address.version === 4 ? 32 : 128 })
    .map((prefix) => network({ ...address, prefix })),
);

describe('the text of addresses', () => {
  it.each([
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['fd00:0001::0', 'fd00:1::'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
    ['::ffff:c000:201', '::ffff:192.0.2.1'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
    ['192.0.2.255', '192.0.2.255'],
  ])('%s is written %s', (text, canonical) => {
    expect(formatAddress(parseAddress(text))).toBe(canonical);
  });

  it.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '1.2.3.04',
    '1.2.3.-1',
    ' 1.2.3.4',
    '1.2.3.4/24',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8',
    '12345::',
    'g::',
    'fe80::1%eth0',
    '::1.2.3',
    '1.2.3.4::',
    '::1.2.3.4:5',
  ])('%j is no address', (text) => {
    expect(readAddress(text)).toBeUndefined();
    expect(() => parseAddress(text)).toThrow(`invalid IP address: ${text}`);
  });

  it('every address reads back as what was written', () => {
    fc.assert(
      fc.property(anyAddress, (address) => {
        expect(parseAddress(formatAddress(address))).toEqual(address);
      }),
    );
  });
});

describe('blocks', () => {
  it.each([
    '172.26.0.0/33',
    'foo',
    '1.2.3.4',
    '1.2.3.4/',
    '1.2.3.4/08',
    '1.2.3.4/-1',
    '::/129',
    '1.2.3.4/ 8',
  ])('%j is refused in the words of Go', (text) => {
    expect(() => parseCidr(text)).toThrow(`invalid CIDR address: ${text}`);
  });

  it('a subnet with host bits is refused and the right one named', () => {
    expect(() => parseSubnet('1.2.3.4/16')).toThrow('invalid subnet 1.2.3.4/16: it should be 1.2.0.0/16');
    expect(() => parseSubnet('fd00::1/64')).toThrow('invalid subnet fd00::1/64: it should be fd00::/64');
  });

  it('know their size and their last address', () => {
    expect(hostCount(parseCidr('10.0.0.0/8'))).toBe(1n << 24n);
    expect(hostCount(parseCidr('fd00::/64'))).toBe(1n << 64n);
    expect(formatAddress(broadcast(parseCidr('172.17.0.0/16')))).toBe('172.17.255.255');
    expect(formatAddress(broadcast(parseCidr('fd00::/120')))).toBe('fd00::ff');
  });

  it('contain addresses and blocks of their own family only', () => {
    const block = parseCidr('172.16.0.0/12');
    expect(contains(block, parseAddress('172.31.255.255'))).toBe(true);
    expect(contains(block, parseAddress('172.32.0.0'))).toBe(false);
    expect(contains(block, parseCidr('172.17.0.0/16'))).toBe(true);
    expect(contains(block, parseCidr('172.0.0.0/8'))).toBe(false);
    expect(contains(parseCidr('::/0'), parseAddress('172.17.0.1'))).toBe(false);
  });

  it('overlap exactly where they have an address in common', () => {
    fc.assert(
      fc.property(anyBlock, anyBlock, (a, b) => {
        const apart = broadcast(a).value < b.value || broadcast(b).value < a.value;
        expect(overlaps(a, b)).toBe(a.version === b.version && !apart);
      }),
    );
  });

  it('are ordered by family, number and size', () => {
    const texts = ['fd00::/64', '10.0.0.0/16', '10.0.0.0/8', '9.0.0.0/8'];
    expect(texts.map(parseCidr).sort(compare).map(formatCidr)).toEqual([
      '9.0.0.0/8',
      '10.0.0.0/8',
      '10.0.0.0/16',
      'fd00::/64',
    ]);
  });
});

it('a link-local address is one of 169.254.0.0/16 or fe80::/10', () => {
  const of = (...texts: readonly string[]) => texts.map(isLinkLocal);
  expect(of('169.254.0.1/16', 'fe80::1', 'FE80::1', 'febf::1/64')).toEqual([true, true, true, true]);
  expect(of('169.255.0.1', 'fec0::1', 'fe8::1', 'fd00:fe80::1', '10.169.254.1')).toEqual(
    Array(5).fill(false),
  );
});

it('an address stands with a port as Go writes it, and alone as a block', () => {
  expect([joinHostPort('192.0.2.1', 80), joinHostPort('2001:db8::1', '80-81')]).toEqual([
    '192.0.2.1:80',
    '[2001:db8::1]:80-81',
  ]);
  expect([blockOfOne('192.0.2.1'), blockOfOne('::1'), bare('192.0.2.1/24')]).toEqual([
    '192.0.2.1/32',
    '::1/128',
    '192.0.2.1',
  ]);
});
