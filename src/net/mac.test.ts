import { describe, expect, it } from 'vitest';
import { linkLocalOf, readMac } from './mac.ts';

describe('a MAC address', () => {
  it.each(['02:42:AC:11:00:08', '02-42-ac-11-00-08', '0242.ac11.0008', '02:42:ac:11:00:08'])(
    'may be %s',
    (text) => {
      expect(readMac(text)).toBe('02:42:ac:11:00:08');
    },
  );

  it.each([
    '',
    '02:42:ac:11:00',
    '02:42:ac:11:00:08:09',
    '02:42-ac:11:00:08',
    '0242ac110008',
    '02:42:ac:11:00:0g',
    ' 02:42:ac:11:00:08',
  ])('is not "%s"', (text) => {
    expect(readMac(text)).toBeUndefined();
  });
});

it.for([
  ['02:42:ac:11:00:02', 'fe80::42:acff:fe11:2/64'],
  ['00:00:5e:00:53:01', 'fe80::200:5eff:fe00:5301/64'],
] as const)('the link-local address of %s is %s', ([mac, address]) => {
  expect(linkLocalOf(mac)).toBe(address);
});
