import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAddress, parseAddress, parseCidr } from '../net/address.ts';
import { AddressSet } from './address-set.ts';
import type { Pool } from './pool.ts';

const pool = (subnet: string, more: Partial<Pool> = {}): Pool => ({ subnet, auxAddresses: {}, ...more });

describe('AddressSet', () => {
  it('hands out the lowest free address and never network, broadcast, gateway or auxiliary ones', () => {
    const set = new AddressSet(pool('10.1.1.0/29', { gateway: '10.1.1.1', auxAddresses: { a: '10.1.1.3' } }));
    expect([set.allocate(), set.allocate(), set.allocate(), set.allocate(), set.allocate()]).toEqual([
      '10.1.1.2',
      '10.1.1.4',
      '10.1.1.5',
      '10.1.1.6',
      undefined,
    ]);
    expect(set.release('10.1.1.4')).toBe(true);
    expect(set.allocate()).toBe('10.1.1.4');
  });

  it('hands out last what is to be avoided, whether it is taken meanwhile or not', () => {
    const set = new AddressSet(pool('10.1.1.0/29', { gateway: '10.1.1.1' }));
    for (const address of ['10.1.1.1', '10.1.1.2', '10.1.1.4']) set.avoid(address);
    expect(set.isFree('10.1.1.2')).toBe(true);
    expect(set.allocate()).toBe('10.1.1.3');
    expect(set.reserve('10.1.1.4')).toBe(true);
    expect(set.release('10.1.1.4')).toBe(true);
    expect([set.allocate(), set.allocate(), set.allocate()]).toEqual(['10.1.1.5', '10.1.1.6', '10.1.1.2']);
    for (const address of ['10.1.1.1', '10.1.1.2', '10.1.1.4']) set.stopAvoiding(address);
    expect([set.allocate(), set.allocate()]).toEqual(['10.1.1.4', undefined]);
    expect([set.release('10.1.1.2'), set.allocate()]).toEqual([true, '10.1.1.2']);
  });

  it('what belongs to the pool cannot be given back', () => {
    const set = new AddressSet(pool('10.1.1.0/29', { gateway: '10.1.1.1' }));
    for (const address of ['10.1.1.0', '10.1.1.1', '10.1.1.7', '10.1.1.2'])
      expect(set.release(address)).toBe(false);
    expect(set.used()).toBe(3n);
  });

  it('an ip-range limits what is handed out, not what is asked for', () => {
    const set = new AddressSet(pool('172.31.0.0/16', { ipRange: '172.31.5.0/30', gateway: '172.31.0.1' }));
    expect(set.reserve('172.31.9.9')).toBe(true);
    expect(set.peek(9)).toEqual(['172.31.5.0', '172.31.5.1', '172.31.5.2', '172.31.5.3']);
    expect(set.free()).toBe(4n);
    set.allocate();
    expect(set.free()).toBe(3n);
    expect(set.used()).toBe(5n);
  });

  it.each([
    ['10.0.0.0/31', ['10.0.0.0', '10.0.0.1']],
    ['10.0.0.4/32', ['10.0.0.4']],
    ['10.0.0.0/30', ['10.0.0.1', '10.0.0.2']],
    ['fd00::/127', ['fd00::', 'fd00::1']],
    ['fd00::/126', ['fd00::1', 'fd00::2', 'fd00::3']],
    ['fd00::5/128', ['fd00::5']],
  ])('%s has %j', (subnet, addresses) => {
    const set = new AddressSet(pool(subnet));
    expect(set.peek(10)).toEqual(addresses);
    expect(set.free()).toBe(BigInt(addresses.length));
  });

  it('a /64 and a /0 cost what is in them', () => {
    const six = new AddressSet(pool('fd00:1::/64', { gateway: 'fd00:1::1' }));
    expect(six.reserve('fd00:1::ffff:ffff:ffff:ffff')).toBe(true);
    expect(six.allocate()).toBe('fd00:1::2');
    expect(six.free()).toBe((1n << 64n) - 4n);
    const all = new AddressSet(pool('::/0', { gateway: '::1' }));
    expect(all.allocate()).toBe('::2');
  });

  it('looking takes nothing', () => {
    const set = new AddressSet(pool('10.1.1.0/24', { gateway: '10.1.1.1' }));
    expect(set.firstFree()).toBe('10.1.1.2');
    expect(set.firstFree('10.1.1.7')).toBe('10.1.1.8');
    expect(set.firstFree('10.1.1.254')).toBeUndefined();
    expect(set.isFree('10.1.1.2')).toBe(true);
    expect(set.isFree('10.1.1.1')).toBe(false);
    expect(set.used()).toBe(3n);
  });

  it('an address outside is refused in the words of Docker', () => {
    const set = new AddressSet(pool('10.1.1.0/24'));
    expect(() => set.reserve('10.9.9.9')).toThrow(
      'no configured subnet or ip-range contain the IP address 10.9.9.9',
    );
    expect(() => set.reserve('fd00::1')).toThrow('no configured subnet');
    expect(() => set.reserve('nope')).toThrow('invalid IP address: nope');
  });

  it('equals a naive model over random operations', () => {
    const subnets = ['10.0.0.0/27', '10.0.0.0/22', 'fd00::/120', '10.0.0.128/25'];
    const step = fc.record({
      kind: fc.constantFrom('allocate', 'allocate', 'reserve', 'release', 'peek'),
      at: fc.nat(1023),
    });
    fc.assert(
      fc.property(fc.constantFrom(...subnets), fc.array(step, { maxLength: 400 }), (subnet, steps) => {
        const model = new NaiveSet(subnet);
        const set = new AddressSet(pool(subnet));
        for (const { kind, at } of steps) {
          const some = model.address(at);
          if (kind === 'allocate') expect(set.allocate()).toBe(model.allocate());
          else if (kind === 'reserve') expect(set.reserve(some)).toBe(model.reserve(some));
          else if (kind === 'release') expect(set.release(some)).toBe(model.release(some));
          else expect(set.firstFree()).toBe(model.firstFree());
        }
        expect(set.used()).toBe(BigInt(model.used.size));
      }),
      { numRuns: 200 },
    );
  });
});

/** What an AddressSet should do, in the plainest way. */
class NaiveSet {
  readonly #all: readonly string[];
  readonly #fixed: readonly string[];
  readonly used: Set<string>;

  constructor(subnet: string) {
    const { version, value, prefix } = parseCidr(subnet);
    const count = 2 ** ((version === 4 ? 32 : 128) - prefix);
    this.#all = Array.from({ length: count }, (_, i) => formatAddress({ version, value: value + BigInt(i) }));
    this.#fixed = [this.#all[0] ?? '', ...(version === 4 ? [this.#all.at(-1) ?? ''] : [])];
    this.used = new Set(this.#fixed);
  }

  address(at: number): string {
    return this.#all[at % this.#all.length] ?? '';
  }

  firstFree(): string | undefined {
    return this.#all.find((address) => !this.used.has(address));
  }

  allocate(): string | undefined {
    const found = this.firstFree();
    if (found !== undefined) this.used.add(found);
    return found;
  }

  reserve(address: string): boolean {
    if (this.used.has(formatAddress(parseAddress(address)))) return false;
    this.used.add(address);
    return true;
  }

  release(address: string): boolean {
    return !this.#fixed.includes(address) && this.used.delete(address);
  }
}
