import { expect, test } from 'vitest';
import { blankAsk } from './blank.ts';
import { ownAddress } from './leases.ts';

test('a link-local address that was asked for besides is not the own one of its family', () => {
  const ask = blankAsk('net', { linkLocal: ['169.254.7.7', 'fe80::77'] });
  const endpoint = { addresses: ['10.1.0.2/24', '169.254.7.7/16', 'fe80::77/64'], ask };
  expect(ownAddress(endpoint, 4)).toBe('10.1.0.2/24');
  expect(ownAddress(endpoint, 6)).toBeUndefined();
});

test('an address of a network whose subnet is link-local is its own', () => {
  const endpoint = { addresses: ['169.254.9.2/24'], ask: blankAsk('net') };
  expect(ownAddress(endpoint, 4)).toBe('169.254.9.2/24');
});
