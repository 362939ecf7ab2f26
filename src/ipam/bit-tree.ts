/**
 * A sparse set of numbers of [0, 2^bits) that finds its lowest hole. Nodes have 32 children, made when
 * first needed, and a mask of those that are full.
 * Every operation walks one path: 4 levels for a /16, 13 for a /64, whatever the set's size.
 */

const stride = 5n;

interface Node {
  /** Bit i: everything below child i is in the set. */
  full: number;
  /** Inner nodes only. */
  children: (Node | undefined)[] | undefined;
}

const allFull = 0xffff_ffff;

const newNode = (inner: boolean): Node => ({ full: 0, children: inner ? [] : undefined });

const copyOf = ({ full, children }: Node): Node => ({
  full,
  children: children?.map((child) => child && copyOf(child)),
});

export class BitTree {
  #levels: number;
  #root: Node;

  /** @param bits width of the numbers; with 0 the set can hold only 0. */
  constructor(bits: number) {
    this.#levels = Math.max(1, Math.ceil(bits / Number(stride)));
    this.#root = newNode(this.#levels > 1);
    // numbers above the range count as members, so that they are never handed out
    const used = 2 ** (bits - (this.#levels - 1) * Number(stride));
    if (used < 32) this.#root.full = (allFull << used) >>> 0;
  }

  /** Another set with the same members. */
  copy(): BitTree {
    const copy = new BitTree(0);
    copy.#levels = this.#levels;
    copy.#root = copyOf(this.#root);
    return copy;
  }

  has(value: bigint): boolean {
    let node = this.#root;
    for (let level = this.#levels - 1; ; level--) {
      const digit = digitOf(value, level);
      if ((node.full >>> digit) & 1) return true;
      const child = node.children?.[digit];
      if (!child) return false;
      node = child;
    }
  }

  /** False where it is in the set already. */
  add(value: bigint): boolean {
    return this.has(value) ? false : this.#add(this.#root, value, this.#levels - 1);
  }

  #add(node: Node, value: bigint, level: number): true {
    const digit = digitOf(value, level);
    if (node.children) {
      const child = node.children[digit] ?? newNode(level > 1);
      node.children[digit] = child;
      this.#add(child, value, level - 1);
      if (child.full !== allFull) return true;
    }
    node.full = (node.full | (1 << digit)) >>> 0;
    return true;
  }

  /** False where it is not in the set. */
  delete(value: bigint): boolean {
    if (!this.has(value)) return false;
    this.#delete(this.#root, value, this.#levels - 1);
    return true;
  }

  /** Returns whether the node is now empty and can be dropped. */
  #delete(node: Node, value: bigint, level: number): boolean {
    const digit = digitOf(value, level);
    node.full = (node.full & ~(1 << digit)) >>> 0;
    const child = node.children?.[digit];
    if (node.children && child && this.#delete(child, value, level - 1)) node.children[digit] = undefined;
    return node.full === 0 && !node.children?.some((other) => other !== undefined);
  }

  /** The lowest number >= `from` that is not in the set; undefined where there is none. */
  firstHole(from: bigint): bigint | undefined {
    return this.#hole(this.#root, from, this.#levels - 1);
  }

  #hole(node: Node, from: bigint, level: number): bigint | undefined {
    const unit = BigInt(level) * stride;
    const start = digitOf(from, level);
    for (let digit = start; digit < 32; digit++) {
      if ((node.full >>> digit) & 1) continue;
      const base = BigInt(digit) << unit;
      const low = digit === start ? from & ((1n << unit) - 1n) : 0n;
      const child = node.children?.[digit];
      if (!child) return base | low;
      const below = this.#hole(child, low, level - 1);
      if (below !== undefined) return base | below;
    }
    return undefined;
  }
}

function digitOf(value: bigint, level: number): number {
  return Number((value >> (BigInt(level) * stride)) & 31n);
}
