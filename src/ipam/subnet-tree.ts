/**
 * The taken blocks of one family. A binary tree over address bits, as in a buddy allocator: each node
 * knows the largest free block below it, so that adding, removing and finding take one step per bit of the
 * prefix, however many blocks there are.
 */
import type { Cidr } from '../net/address.ts';
import { type Family, width } from '../net/family.ts';

interface Node {
  /** How many times exactly this block is taken. */
  taken: number;
  /** Shortest prefix of a free block at or below this node; `none` where there is none. */
  best: number;
  /** Children by the next bit; undefined: wholly free. */
  low: Node | undefined;
  high: Node | undefined;
}

const none = 999;

export class SubnetTree {
  readonly version: Family;
  readonly #root: Node = { taken: 0, best: 0, low: undefined, high: undefined };

  constructor(version: Family, taken: Iterable<Cidr> = []) {
    this.version = version;
    for (const block of taken) if (block.version === version) this.add(block);
  }

  add(block: Cidr): void {
    this.#change(block, 1);
  }

  /** Undoes one `add` of exactly this block; does nothing where there was none. */
  remove(block: Cidr): void {
    if (this.#nodeOf(block)?.taken) this.#change(block, -1);
  }

  /** Whether the block shares an address with a taken one. */
  overlaps(block: Cidr): boolean {
    let node: Node | undefined = this.#root;
    for (let depth = 0; node; depth++) {
      if (node.taken > 0) return true;
      // what lies below is not wholly free, so something in it is taken
      if (depth === block.prefix) return node.best > depth;
      node = this.#bit(block, depth) ? node.high : node.low;
    }
    return false;
  }

  /** The first block of that prefix length within `base` that overlaps nothing. */
  firstFree(base: Cidr, prefix: number): Cidr | undefined {
    let node: Node | undefined = this.#root;
    for (let depth = 0; node && depth < base.prefix; depth++) {
      if (node.taken > 0) return undefined;
      node = this.#bit(base, depth) ? node.high : node.low;
    }
    if (node && node.best > prefix) return undefined;
    return { version: this.version, prefix, value: this.#descend(node, base, prefix) };
  }

  #descend(start: Node | undefined, base: Cidr, prefix: number): bigint {
    let node = start;
    let value = base.value;
    for (let depth = base.prefix; depth < prefix; depth++) {
      const low: Node | undefined = node?.low;
      if (low && low.best > prefix) {
        value |= 1n << BigInt(width(this.version) - 1 - depth);
        node = node?.high;
      } else node = low;
    }
    return value;
  }

  #nodeOf(block: Cidr): Node | undefined {
    let node: Node | undefined = this.#root;
    for (let depth = 0; node && depth < block.prefix; depth++)
      node = this.#bit(block, depth) ? node.high : node.low;
    return node;
  }

  #change(block: Cidr, by: 1 | -1): void {
    const path: Node[] = [this.#root];
    let node = this.#root;
    for (let depth = 0; depth < block.prefix; depth++) {
      const side = this.#bit(block, depth) ? 'high' : 'low';
      node[side] ??= { taken: 0, best: depth + 1, low: undefined, high: undefined };
      node = node[side];
      path.push(node);
    }
    node.taken += by;
    for (let depth = path.length - 1; depth >= 0; depth--) refresh(path[depth], depth);
  }

  #bit(block: Cidr, depth: number): boolean {
    return ((block.value >> BigInt(width(this.version) - 1 - depth)) & 1n) === 1n;
  }
}

/** Recomputes `best` from the children and drops those that are wholly free. */
function refresh(node: Node | undefined, depth: number): void {
  if (!node) return;
  if (node.low?.best === depth + 1) node.low = undefined;
  if (node.high?.best === depth + 1) node.high = undefined;
  if (node.taken > 0) node.best = none;
  else if (!node.low && !node.high) node.best = depth;
  else node.best = Math.min(node.low?.best ?? depth + 1, node.high?.best ?? depth + 1);
}
