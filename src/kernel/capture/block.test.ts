import { expect, test } from 'vitest';
import { beginVisit, visitBlock } from './block.ts';

/** A block of so many packets of one byte, which tells its number. */
function blockOf(count: number): Buffer {
  const [first, size] = [48, 128];
  const block = Buffer.alloc(first + count * size);
  block.writeUInt32LE(count, 12);
  block.writeUInt32LE(first, 16);
  for (let number = 0; number < count; number++) {
    const at = first + number * size;
    block.writeUInt32LE(size, at);
    block.writeUInt32LE(1, at + 12);
    block.writeUInt32LE(1, at + 16);
    block.writeUInt16LE(100, at + 24);
    block.writeUInt16LE(1, at + 48 + 8);
    block[at + 100] = number;
  }
  return block;
}

test('a block of many packets is visited in parts, each packet once', () => {
  const block = blockOf(5);
  const seen: (number | undefined)[] = [];
  let from = beginVisit(block);
  const lefts: number[] = [];
  while (from.left > 0) {
    from = visitBlock(block, { from, most: 2 }, ({ data }) => seen.push(data[0]));
    lefts.push(from.left);
  }
  expect(seen).toEqual([0, 1, 2, 3, 4]);
  expect(lefts).toEqual([3, 1, 0]);
});
