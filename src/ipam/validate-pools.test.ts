import { describe, expect, it } from 'vitest';
import { treeOf } from './choose-pool.ts';
import { type PoolSpec, validatePools } from './validate-pools.ts';

const one = (pool: PoolSpec, others: string[] = []) => validatePools([pool], others)[0];

describe('validatePools', () => {
  it.each<[string, PoolSpec, string]>([
    ['a bad prefix', { subnet: '172.26.0.0/33' }, 'invalid CIDR block notation'],
    ['host bits', { subnet: '1.2.3.4/16' }, 'invalid subnet 1.2.3.4/16: it should be 1.2.0.0/16'],
    [
      'a gateway outside',
      { subnet: '1.2.3.0/24', gateway: '1.2.4.1' },
      "invalid gateway 1.2.4.1: parent subnet 1.2.3.0/24 doesn't contain this address",
    ],
    ['a gateway of words', { subnet: '1.2.3.0/24', gateway: 'foo' }, 'invalid gateway foo: invalid address'],
    [
      'a gateway of the other family',
      { subnet: '1.2.3.0/24', gateway: 'fd00::1' },
      'invalid gateway fd00::1: parent subnet is an IPv4 block',
    ],
    [
      'an ip-range outside',
      { subnet: '1.2.3.0/24', ipRange: '1.2.4.0/25' },
      "invalid ip-range 1.2.4.0/25: parent subnet 1.2.3.0/24 doesn't contain ip-range",
    ],
    [
      'an ip-range that is too big',
      { subnet: '1.2.3.0/24', ipRange: '1.2.0.0/16' },
      'invalid ip-range 1.2.0.0/16: CIDR block is bigger than its parent subnet 1.2.3.0/24',
    ],
    [
      'an ip-range with host bits',
      { subnet: '1.2.3.0/24', ipRange: '1.2.3.9/28' },
      'invalid ip-range 1.2.3.9/28: it should be 1.2.3.0/28',
    ],
    [
      'an auxiliary address outside',
      { subnet: '1.2.3.0/24', auxAddresses: { a: '1.2.4.1' } },
      "invalid auxiliary address a: parent subnet 1.2.3.0/24 doesn't contain this address",
    ],
    [
      'the gateway as auxiliary address',
      { subnet: '1.2.3.0/24', gateway: '1.2.3.4', auxAddresses: { a: '1.2.3.4' } },
      'failed to allocate secondary ip address (a:1.2.3.4): Address already in use',
    ],
    [
      'the network address as gateway',
      { subnet: '1.2.3.0/24', gateway: '1.2.3.0' },
      'failed to allocate gateway (1.2.3.0): Address already in use',
    ],
  ])('refuses %s', (_what, pool, message) => {
    expect(() => one(pool)).toThrow(message);
  });

  it('tells all that is wrong at once', () => {
    const pools = [{ subnet: '1.2.3.4/16', gateway: 'x' }, { subnet: 'y' }];
    expect(() => validatePools(pools, [])).toThrow(
      'invalid network config:\n' +
        'invalid subnet 1.2.3.4/16: it should be 1.2.0.0/16\n' +
        'invalid gateway x: invalid address\n' +
        'invalid subnet y: invalid CIDR block notation',
    );
  });

  it('refuses what overlaps another network or another subnet of this one', () => {
    const message = 'invalid pool request: Pool overlaps with other one on this address space';
    expect(() => one({ subnet: '172.26.1.0/24' }, ['172.26.0.0/16'])).toThrow(message);
    expect(() => validatePools([{ subnet: '172.26.1.0/24' }], [treeOf(4, ['172.26.0.0/16'])])).toThrow(
      message,
    );
    expect(() => validatePools([{ subnet: '10.0.0.0/8' }, { subnet: '10.1.0.0/16' }], [])).toThrow(message);
  });

  it('takes several subnets of one family and of both', () => {
    const subnets = ['10.0.0.0/24', '10.0.1.0/24', 'fd00::/64'];
    expect(
      validatePools(
        subnets.map((subnet) => ({ subnet })),
        [],
      ).map((pool) => pool.gateway),
    ).toEqual(['10.0.0.1', '10.0.1.1', 'fd00::1']);
  });

  it.each<[PoolSpec, string]>([
    [{ subnet: '1.2.3.0/24' }, '1.2.3.1'],
    [{ subnet: '1.2.3.0/24', ipRange: '1.2.3.128/28' }, '1.2.3.128'],
    [{ subnet: '1.2.3.0/24', ipRange: '1.2.3.0/28' }, '1.2.3.1'],
    [{ subnet: '1.2.3.0/31' }, '1.2.3.0'],
    [{ subnet: 'fd00:1::/64', ipRange: 'fd00:1::8000:0/112' }, 'fd00:1::8000:0'],
  ])('the gateway of %j is %s', (pool, gateway) => {
    expect(one(pool)?.gateway).toBe(gateway);
  });

  it('gives no gateway where there is to be none, and writes canonical text', () => {
    expect(validatePools([{ subnet: 'FD00:0::/64' }], [], { gateway: false })).toEqual([
      { subnet: 'fd00::/64', auxAddresses: {} },
    ]);
  });
});
