import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RTM } from './constants.ts';
import { decodeShaper, encodeShaper } from './shapers.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

it('a limit is what tc sends for it, but for the table of times', () => {
  const { body } = encodeShaper(7, { rate: 1_250_000, burst: 12_500, limit: 137_500 });
  expect(hex(body.bytes)).toBe(
    [
      '00000000 07000000 00005e00 ffffffff 00000000',
      '0800 0100 74626600',
      '3400 0280',
      '2800 0100 00010000 00000000 d0121300 000000000000000000000000 1c190200 00000000 00000000',
      '0800 0600 d4300000',
    ]
      .join('')
      .replaceAll(' ', ''),
  );
});

it('is read again, above 32 bits too', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 25_000_000_000 }), fc.nat(2 ** 32 - 1), (rate, limit) => {
      const { body } = encodeShaper(7, { rate, burst: 1, limit });
      const message = { type: RTM.NEWQDISC, flags: 0, sequence: 0, body: body.bytes.slice() };
      expect(decodeShaper(message)).toEqual({ rate, burst: 0, limit });
      const others = message.body.slice();
      others[8] = 1;
      expect(decodeShaper({ ...message, body: others })).toBeUndefined();
    }),
  );
});
