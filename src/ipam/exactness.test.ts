/** A million random operations, each answer compared with an oracle's. */
import { describe, expect, it } from 'vitest';
import { AddressOracle, randomFrom, type Space, SubnetOracle, sizeOf } from '../../test/ipam/oracle.ts';
import { type Cidr, formatCidr, parseCidr } from '../net/address.ts';
import { AddressSet } from './address-set.ts';
import { choosePool } from './choose-pool.ts';
import type { Pool } from './pool.ts';
import { SubnetTree } from './subnet-tree.ts';

const pools: readonly Pool[] = [
  { subnet: '10.32.0.0/16', gateway: '10.32.0.1', auxAddresses: {} },
  {
    subnet: '172.20.0.0/20',
    ipRange: '172.20.8.0/22',
    gateway: '172.20.0.1',
    auxAddresses: { a: '172.20.8.9' },
  },
  {
    subnet: '192.168.4.0/23',
    ipRange: '192.168.4.0/24',
    gateway: '192.168.5.9',
    auxAddresses: { a: '192.168.4.1' },
  },
  { subnet: '10.1.1.128/25', auxAddresses: { a: '10.1.1.130', b: '10.1.1.200' } },
  { subnet: '10.9.9.8/30', gateway: '10.9.9.9', auxAddresses: {} },
  { subnet: '10.9.9.0/31', auxAddresses: {} },
  { subnet: 'fd00:1::/112', gateway: 'fd00:1::1', auxAddresses: { a: 'fd00:1::7' } },
  { subnet: 'fd00:2::/64', ipRange: 'fd00:2::1:0/116', gateway: 'fd00:2::1', auxAddresses: {} },
];

/** Filling until nothing is left, then emptying, in waves. */
const wave = (step: number, length: number): number => (Math.floor(step / length) % 2 === 0 ? 70 : 30);

/** Steps of one pool; returns how many there were. */
function exerciseAddresses(pool: Pool, steps: number): void {
  const random = randomFrom(pool.subnet.length + steps);
  const set = new AddressSet(pool);
  const oracle = new AddressOracle(pool);
  const size = sizeOf(parseCidr(pool.subnet));
  const held: string[] = [];
  const giveBack = (): string => {
    const at = random(held.length);
    const address = held[at] ?? '';
    held[at] = held.at(-1) ?? '';
    held.pop();
    return address;
  };
  const check = (what: string, real: unknown, expected: unknown): void => {
    if (real !== expected) throw new Error(`${pool.subnet} ${what}: ${real} instead of ${expected}`);
  };
  for (let step = 0; step < steps; step++) {
    const dice = random(100);
    if (dice < 10) {
      const at = random(size);
      const address = oracle.text(at);
      check(`isFree ${address}`, set.isFree(address), !oracle.marks.has(at));
      const taken = oracle.marks.set(at, true);
      check(`reserve ${address}`, set.reserve(address), taken);
      if (taken) held.push(address);
    } else if (dice < 15) {
      const at = random(size);
      const expected = !oracle.fixed.has(at) && oracle.marks.set(at, false);
      if (expected) held.splice(held.indexOf(oracle.text(at)), 1);
      check(`release ${oracle.text(at)}`, set.release(oracle.text(at)), expected);
    } else if (dice < 15 + wave(step, 100_000)) {
      const expected = oracle.firstFree();
      check('firstFree', set.firstFree(), expected);
      check('allocate', set.allocate(), expected);
      if (expected !== undefined) {
        oracle.marks.set(oracle.at(expected), true);
        held.push(expected);
      }
    } else if (held.length > 0) {
      const address = giveBack();
      oracle.marks.set(oracle.at(address), false);
      check(`release ${address}`, set.release(address), true);
    }
    if (step % 10_000 === 0) check('used', set.used(), BigInt(oracle.marks.count));
  }
  check('used', set.used(), BigInt(oracle.marks.count));
  if (parseCidr(pool.subnet).prefix !== 64) check('free', set.free(), oracle.freeInRange());
}

const spaces: readonly Space[] = [
  {
    version: 4,
    unit: 28,
    pools: [
      { base: '10.200.0.0/20', size: 24 },
      { base: '10.0.0.0/13', size: 26 },
    ],
    routed: ['0.0.0.0/0', '10.0.7.0/24', '10.3.0.0/17', '10.200.1.9/32', '198.51.100.0/24'],
  },
  {
    version: 6,
    unit: 66,
    pools: [{ base: 'fd00:1:2::/51', size: 64 }],
    routed: ['::/0', 'fd00:1:2:8::/62', '2001:db8::/64'],
  },
];

/** The most networks that there were at a time. */
function exerciseSubnets(space: Space, steps: number): number {
  const random = randomFrom(space.unit);
  const tree = new SubnetTree(space.version);
  const oracle = new SubnetOracle(space);
  const { version, pools: from, routed } = space;
  const routes = new SubnetTree(version, routed.filter((one) => !one.endsWith('/0')).map(parseCidr));
  const held: Cidr[] = [];
  let most = 0;
  const hold = (block: Cidr): void => {
    tree.add(block);
    oracle.mark(block, true);
    held.push(block);
    most = Math.max(most, held.length);
  };
  const choose = (prefix: number | undefined): string | undefined => {
    try {
      return choosePool({ version, pools: from, taken: tree, routed, ...(prefix && { prefix }) });
    } catch {
      return undefined;
    }
  };
  for (let step = 0; step < steps; step++) {
    const dice = random(100);
    if (dice < 10) {
      const block = oracle.randomBlock(random);
      const free = oracle.isFree(block);
      if (free === (tree.overlaps(block) || routes.overlaps(block)))
        throw new Error(`${formatCidr(block)} is ${free ? 'free' : 'taken'}`);
      if (free) hold(block);
    } else if (dice < 10 + wave(step, 50_000)) {
      const prefix = random(20) === 0 ? space.unit - random(9) : undefined;
      const chosen = choose(prefix);
      const expected = oracle.choose(prefix);
      if (chosen !== expected) throw new Error(`/${prefix}: ${chosen} instead of ${expected}`);
      if (chosen !== undefined) hold(parseCidr(chosen));
    } else if (held.length > 0) {
      const at = random(held.length);
      const block = held[at] ?? expect.fail('nothing held');
      held[at] = held.at(-1) ?? block;
      held.pop();
      tree.remove(block);
      oracle.mark(block, false);
    }
  }
  return most;
}

describe('a million random operations and more', () => {
  it.each(pools)(
    'on the addresses of $subnet leak none and give none twice',
    (pool) => {
      exerciseAddresses(pool, 1_000_000 / pools.length);
    },
    60_000,
  );

  it.each(spaces)(
    'on IPv$version subnets leak none and give none twice',
    (space) => {
      expect(exerciseSubnets(space, 500_000 / spaces.length)).toBeGreaterThan(4_000);
    },
    120_000,
  );
});
