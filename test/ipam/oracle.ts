/**
 * For tests: what is taken and what is free, in a way that shares nothing with the code it stands against. An
 * array with a mark per number, looked through from the lowest on, so it can only be right.
 */

import type { PoolSource } from '../../src/ipam/choose-pool.ts';
import type { Pool } from '../../src/ipam/pool.ts';
import {
  type Cidr,
  contains,
  formatAddress,
  formatCidr,
  offset,
  parseAddress,
  parseCidr,
} from '../../src/net/address.ts';
import { width } from '../../src/net/family.ts';

/** Numerical Recipes' generator, its upper bits: the same run every time. */
export function randomFrom(start: number): (below: number) => number {
  let seed = start;
  return (below) => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
}

/** Numbers of [0, size), each taken or not; the lowest free one is found by looking at them in turn. */
export class Marks {
  readonly #taken: Uint8Array;
  /** Below it nothing is free. */
  #floor = 0;
  count = 0;

  constructor(size: number) {
    this.#taken = new Uint8Array(size);
  }

  has(at: number): boolean {
    return this.#taken[at] === 1;
  }

  set(at: number, taken: boolean): boolean {
    if (this.has(at) === taken) return false;
    this.#taken[at] = Number(taken);
    this.count += taken ? 1 : -1;
    if (!taken) this.#floor = Math.min(this.#floor, at);
    return true;
  }

  isFree(from: number, length: number): boolean {
    for (let at = from; at < from + length; at++) if (this.has(at)) return false;
    return true;
  }

  /** The lowest multiple of `length` in [from, to) from which on so many are free. */
  lowest(length: number, from: number, to: number): number | undefined {
    while (this.#floor < this.#taken.length && this.has(this.#floor)) this.#floor++;
    const start = Math.max(from, this.#floor - (this.#floor % length));
    for (let at = start; at + length <= to; at += length) if (this.isFree(at, length)) return at;
    return undefined;
  }
}

/** Addresses that the oracle knows of a pool: all, or of a /64 those of its first 2^17. */
export const sizeOf = ({ version, prefix }: Cidr): number => 2 ** Math.min(17, width(version) - prefix);

export class AddressOracle {
  readonly marks: Marks;
  readonly fixed: ReadonlySet<number>;
  readonly #subnet: Cidr;
  readonly #first: number;
  readonly #end: number;

  constructor(pool: Pool) {
    this.#subnet = parseCidr(pool.subnet);
    const range = parseCidr(pool.ipRange ?? pool.subnet);
    const size = sizeOf(this.#subnet);
    this.marks = new Marks(size);
    this.#first = Number(range.value - this.#subnet.value);
    this.#end = this.#first + sizeOf(range);
    const kept = [pool.gateway ?? [], ...Object.values(pool.auxAddresses)]
      .flat()
      .map((text) => this.at(text));
    const whole = 128 - this.#subnet.prefix - (this.#subnet.version === 4 ? 96 : 0);
    if (whole > 1) kept.push(0, ...(this.#subnet.version === 4 ? [size - 1] : []));
    this.fixed = new Set(kept);
    for (const at of kept) this.marks.set(at, true);
  }

  at(text: string): number {
    return Number(parseAddress(text).value - this.#subnet.value);
  }

  text(at: number): string {
    return formatAddress(offset(this.#subnet, BigInt(at)));
  }

  firstFree(): string | undefined {
    const at = this.marks.lowest(1, this.#first, this.#end);
    return at === undefined ? undefined : this.text(at);
  }

  freeInRange(): bigint {
    let free = 0n;
    for (let at = this.#first; at < this.#end; at++) if (!this.marks.has(at)) free++;
    return free;
  }
}

/** Networks are cut from these in their order; what is taken is counted in `unit`s. */
export interface Space {
  readonly version: 4 | 6;
  readonly pools: readonly PoolSource[];
  /** Prefix length of the smallest block that is asked for. */
  readonly unit: number;
  readonly routed: readonly string[];
}

export class SubnetOracle {
  readonly #space: Space;
  readonly #bases: readonly { readonly base: Cidr; readonly marks: Marks }[];

  constructor(space: Space) {
    this.#space = space;
    this.#bases = space.pools.map(({ base }) => {
      const block = parseCidr(base);
      return { base: block, marks: new Marks(2 ** (space.unit - block.prefix)) };
    });
    for (const route of space.routed) if (!route.endsWith('/0')) this.mark(parseCidr(route), true);
  }

  /** Routes may lie outside of every base, and be smaller than a unit. */
  mark(block: Cidr, taken: boolean): void {
    for (const { base, marks } of this.#bases) {
      if (!contains(base, block)) continue;
      const first = this.#unitOf(base, block);
      for (let at = first; at < first + this.#units(block.prefix); at++) marks.set(at, taken);
    }
  }

  isFree(block: Cidr): boolean {
    return this.#bases.every(
      ({ base, marks }) =>
        !contains(base, block) || marks.isFree(this.#unitOf(base, block), this.#units(block.prefix)),
    );
  }

  choose(prefix: number | undefined): string | undefined {
    for (const [i, { base, marks }] of this.#bases.entries()) {
      const length = prefix ?? this.#space.pools[i]?.size ?? 0;
      if (length < base.prefix) continue;
      const at = marks.lowest(this.#units(length), 0, 2 ** (this.#space.unit - base.prefix));
      if (at !== undefined) return formatCidr({ ...offset(base, this.#addresses(at)), prefix: length });
    }
    return undefined;
  }

  randomBlock(random: (below: number) => number): Cidr {
    const base = this.#bases[random(this.#bases.length)]?.base ?? parseCidr('::/0');
    const prefix = this.#space.unit - random(9);
    const blocks = 2 ** (prefix - base.prefix);
    return { ...offset(base, this.#addresses(random(blocks) * this.#units(prefix))), prefix };
  }

  #addresses(units: number): bigint {
    return BigInt(units) << BigInt(width(this.#space.version) - this.#space.unit);
  }

  #unitOf(base: Cidr, block: Cidr): number {
    return Number((block.value - base.value) / this.#addresses(1));
  }

  readonly #units = (prefix: number): number => 2 ** Math.max(0, this.#space.unit - prefix);
}
