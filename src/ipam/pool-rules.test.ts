import { describe, expect, it } from 'vitest';
import { compare, offset, parseAddress, parseCidr, readAddress } from '../net/address.ts';
import { askedPrefix, checkPoolSource, choosePool, ulaPool } from './choose-pool.ts';
import { SubnetTree } from './subnet-tree.ts';
import { defaultGateway, type PoolSpec, validatePools } from './validate-pools.ts';

const wholly = (asked: PoolSpec, gateway = true) => validatePools([asked], [], { gateway });

describe('a pool that is refused', () => {
  it.each<[PoolSpec, string]>([
    [{ subnet: '10.1.0.0/24', ipRange: 'x' }, 'invalid ip-range x: invalid CIDR block notation'],
    [
      { subnet: '10.1.0.0/24', ipRange: 'fd01::/64' },
      'invalid ip-range fd01::/64: parent subnet is an IPv4 block',
    ],
    [
      { subnet: 'fd01::/64', ipRange: '10.1.0.0/24' },
      'invalid ip-range 10.1.0.0/24: parent subnet is an IPv6 block',
    ],
    [
      { subnet: '10.1.0.0/24', ipRange: '10.1.0.0/23' },
      'invalid ip-range 10.1.0.0/23: CIDR block is bigger than its parent subnet 10.1.0.0/24',
    ],
  ])('%j', (asked, message) => {
    expect(() => wholly(asked)).toThrow(`invalid network config:\n${message}`);
  });

  it('reserves for somebody the gateway that nobody asked for', () => {
    const asked = { subnet: '10.1.0.0/24', auxAddresses: { a: '10.1.0.1' } };
    expect(() => wholly(asked)).toThrow(/secondary ip address \(a:10\.1\.0\.1\)/);
    expect(wholly(asked, false)[0]?.auxAddresses).toEqual({ a: '10.1.0.1' });
  });

  it('has no room for a gateway', () => {
    expect(() => defaultGateway({ subnet: '10.1.0.0/24', ipRange: '10.1.0.0/32' })).toThrow(
      'failed to allocate gateway (): No available addresses on this pool',
    );
  });
});

describe('a pool that is taken', () => {
  it('may have all of its subnet for its range, and empty words for what is left open', () => {
    const asked = { subnet: '10.1.0.0/24', ipRange: '10.1.0.0/24', gateway: '' };
    expect(wholly(asked)).toEqual([
      { subnet: '10.1.0.0/24', ipRange: '10.1.0.0/24', gateway: '10.1.0.1', auxAddresses: {} },
    ]);
    expect(wholly({ subnet: '10.1.0.0/24', ipRange: '', gateway: '' })).toEqual([
      { subnet: '10.1.0.0/24', gateway: '10.1.0.1', auxAddresses: {} },
    ]);
  });

  it('has no word of what it does not have', () => {
    expect(Object.keys(wholly({ subnet: '10.1.0.0/24' }, false)[0] ?? {}).sort()).toEqual([
      'auxAddresses',
      'subnet',
    ]);
  });

  it('has the first address of its range for a gateway, the last of which may be the only one', () => {
    expect(defaultGateway({ subnet: '10.1.0.0/24', ipRange: '10.1.0.128/25' })).toBe('10.1.0.128');
    expect(defaultGateway({ subnet: '10.1.0.0/24', ipRange: '10.1.0.0/31' })).toBe('10.1.0.1');
    expect(defaultGateway({ subnet: 'fd01::/64' })).toBe('fd01::1');
  });

  it('overlaps no network of the other family, whatever the numbers are', () => {
    expect(validatePools([{ subnet: '::/64' }], ['0.0.0.0/8', 'nonsense'])).toHaveLength(1);
    expect(() => validatePools([{ subnet: '10.1.0.0/24' }], ['10.0.0.0/8'])).toThrow('Pool overlaps');
  });
});

describe('the order of addresses and blocks', () => {
  it('is IPv4 before IPv6, then by number, then the larger block', () => {
    const texts = ['10.0.0.0/8', '10.0.0.0/16', '10.0.0.1', '9.255.0.0/16', '::1', '::/0', '255.255.255.255'];
    const read = (text: string) => (text.includes('/') ? parseCidr(text) : parseAddress(text));
    const sorted = texts.toSorted((a, b) => compare(read(a), read(b)));
    expect(sorted).toEqual([
      '9.255.0.0/16',
      '10.0.0.0/8',
      '10.0.0.0/16',
      '10.0.0.1',
      '255.255.255.255',
      '::/0',
      '::1',
    ]);
    expect(compare(read('10.0.0.1'), read('10.0.0.1'))).toBe(0);
    expect(compare(read('10.0.0.0'), read('10.0.0.0/8'))).toBeLessThan(0);
    expect(compare(read('10.0.0.0/8'), read('10.0.0.0'))).toBeGreaterThan(0);
  });

  it('has two ends', () => {
    const shift = (text: string, steps: bigint) => offset(parseAddress(text), steps).value;
    expect(shift('0.0.0.1', -1n)).toBe(0n);
    expect(shift('255.255.255.254', 1n)).toBe(2n ** 32n - 1n);
    expect(() => shift('0.0.0.0', -1n)).toThrow('address 0.0.0.0 moved by -1');
    expect(() => shift('255.255.255.255', 1n)).toThrow('moved by 1');
    expect(() => shift('ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 1n)).toThrow('moved by 1');
  });
});

describe('the text of an IPv6 address', () => {
  it.each(['1:2:3:4:5:6:7::', '::2:3:4:5:6:7:8', '1::3:4:5:6:7:8', '::1.2.3.4', '1:2:3:4:5:6:1.2.3.4'])(
    'may be %s',
    (text) => {
      expect(readAddress(text)).toBeDefined();
    },
  );

  it.each([
    '1:2:3:4:5:6:7:8::',
    '::1:2:3:4:5:6:7:8',
    '1:2:3:4::5:6:7:8',
    '::1::',
    'g::',
    '12345::',
    '1:g::',
    '1.2.3.4::',
    '::1.2.3',
    '1.2.3.4:5::',
    '1:2:3:4:5:6:7:1.2.3.4',
  ])('is not %s', (text) => {
    expect(readAddress(text)).toBeUndefined();
  });
});

describe('a source of pools', () => {
  it.each([
    { base: '10.0.0.0/8', size: 8 },
    { base: '10.0.0.0/8', size: 32 },
    { base: 'fd00::/48', size: 64 },
    { base: 'fd00::/48', size: 128 },
    { base: '0.0.0.0/0', size: 1 },
  ])('may be %j', (source) => {
    expect(() => checkPoolSource(source)).not.toThrow();
  });

  it.each([
    [{ base: '10.0.0.0/8', size: 7 }, 'invalid pool size 7 for 10.0.0.0/8: it should be within 8 and 32'],
    [{ base: '10.0.0.0/8', size: 33 }, 'within 8 and 32'],
    [{ base: 'fd00::/48', size: 47 }, 'within 48 and 128'],
    [{ base: 'fd00::/48', size: 129 }, 'within 48 and 128'],
    [{ base: '0.0.0.0/0', size: 0 }, 'invalid pool size 0'],
  ])('is not %j', (source, message) => {
    expect(() => checkPoolSource(source)).toThrow(message);
  });

  it('of the engine’s own is a unique local prefix that its seed alone decides', () => {
    const one = ulaPool('one');
    expect(one).toEqual(ulaPool('one'));
    expect(one.base).toMatch(/^fd[0-9a-f]{2}:[0-9a-f]{1,4}:[0-9a-f]{1,4}::\/48$/);
    expect(ulaPool('two').base).not.toBe(one.base);
    expect(() => checkPoolSource(one)).not.toThrow();
    // RFC 4193, 3.2.2: the last 40 bits of the digest, here of nothing
    expect(ulaPool('').base).toBe('fd1b:7852:b855::/48');
  });
});

describe('a request that names a size alone', () => {
  it.each([
    ['0.0.0.0/24', 24],
    ['::/64', 64],
    ['0.0.0.0/1', 1],
    ['0.0.0.0/0', undefined],
    ['::/0', undefined],
    ['10.0.0.0/24', undefined],
    ['nonsense', undefined],
  ])('is %s: %s', (subnet, expected) => {
    expect(askedPrefix(subnet)).toBe(expected);
  });
});

describe('the subnet that is chosen', () => {
  const pools = [
    { base: '10.0.0.0/24', size: 25 },
    { base: 'fd00::/62', size: 64 },
  ];
  const choose = (more: Partial<Parameters<typeof choosePool>[0]> = {}) =>
    choosePool({ version: 4, pools, taken: [], routed: [], ...more });

  it('is of its family, and default routes stand in nobody’s way', () => {
    expect(choose({ routed: ['0.0.0.0/0', '::/0', 'nonsense'] })).toBe('10.0.0.0/25');
    expect(choose({ version: 6, routed: ['::/0'] })).toBe('fd00::/64');
    expect(choose({ taken: ['fd00::/64', '10.0.0.0/26'] })).toBe('10.0.0.128/25');
    expect(choose({ routed: ['0.0.0.0/5'], pools: [{ base: '192.168.0.0/16', size: 20 }] })).toBe(
      '192.168.0.0/20',
    );
    expect(() => choose({ routed: ['0.0.0.0/1'] })).toThrow(
      'all predefined address pools have been fully subnetted',
    );
  });

  it('has the length that was asked, where the pool is that large', () => {
    expect(choose({ prefix: 24 })).toBe('10.0.0.0/24');
    expect(() => choose({ prefix: 23 })).toThrow('fully subnetted');
  });

  it('leaves a tree that was handed in as it was, also when there is none', () => {
    const taken = new SubnetTree(4, [parseCidr('10.0.0.0/25'), parseCidr('::/8')]);
    expect(() => choose({ taken, routed: ['10.0.0.128/25'] })).toThrow('fully subnetted');
    expect(choose({ taken })).toBe('10.0.0.128/25');
    taken.remove(parseCidr('10.0.0.0/24'));
    expect(choose({ taken })).toBe('10.0.0.128/25');
    taken.remove(parseCidr('10.0.0.0/25'));
    expect(choose({ taken })).toBe('10.0.0.0/25');
  });
});
