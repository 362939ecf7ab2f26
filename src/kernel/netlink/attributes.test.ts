import { expect, test } from 'vitest';
import { Attributes, Writer } from './attributes.ts';

test('numbers are written wherever the message outgrows its room', () => {
  for (let before = 0; before < 600; before += 4) {
    const writer = new Writer().struct(before, () => undefined);
    writer.u8(1, 0x12).u16(2, 0x1234).u16be(3, 0x1234).u32(4, 0x1234_5678).u32be(5, 0x1234_5678);
    const read = new Attributes(writer.bytes.subarray(before));
    expect([read.u8(1), read.u16(2), read.u16be(3), read.u32(4)]).toEqual([
      0x12, 0x1234, 0x1234, 0x1234_5678,
    ]);
    expect([...(read.data(5) ?? [])]).toEqual([0x12, 0x34, 0x56, 0x78]);
  }
});
