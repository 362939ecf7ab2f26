import { expect, it } from 'vitest';
import { connectionsOf, parseSockets, trackConnection } from './connections-codec.ts';

const head =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
const tcp = `${head}
   0: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1
   1: 0200000A:0050 0300000A:C001 01 00000000:00000000 00:00000000 00000000     0        0 2 1
   2: 0200000A:C002 0300000A:01BB 08 00000000:00000000 00:00000000 00000000     0        0 3 1
   3: 0200000A:C003 0300000A:01BB 06 00000000:00000000 00:00000000 00000000     0        0 0 1
   4: 0200000A:C004 0200000A:0050 01 00000000:00000000 00:00000000 00000000     0        0 4 1
`;
const tcp6 = `${head}
   0: 000000FD000000000000000002000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000 00:0 0 0 0 5
   1: 000000FD000000000000000002000000:1F90 000000FD000000000000000003000000:C001 01 00000000:00000000 00:0 0 0 0 6
   2: 0000000000000000FFFF00000200000A:0050 0000000000000000FFFF00000400000A:C005 01 00000000:00000000 00:0 0 0 0 7
`;

it('connections have the end first that opened them, told by the ports that are listened on', () => {
  const found = connectionsOf([tcp, tcp6].flatMap(parseSockets)).map(({ opener, listener }) =>
    [opener, listener].map(({ address, port }) => `${address} ${port}`).join(' > '),
  );
  expect(found).toEqual([
    '0300000A 49153 > 0200000A 80',
    '0200000A 49154 > 0300000A 443',
    '000000FD000000000000000003000000 49153 > 000000FD000000000000000002000000 8080',
    '0400000A 49157 > 0200000A 80',
  ]);
});

it('one is told to the kernel in both directions, established', () => {
  const [first] = connectionsOf(parseSockets(tcp));
  if (!first) throw new Error('it was read above');
  expect(Buffer.from(trackConnection(first).body.bytes).toString('hex')).toBe(
    [
      '02000000',
      '34000180 14000180 08000100 0a000003 08000200 0a000002 1c000280 0500010006000000 06000200c0010000 0600030000500000',
      '34000280 14000180 08000100 0a000002 08000200 0a000003 1c000280 0500010006000000 0600020000500000 06000300c0010000',
      '08000300 0000000e 08000700 00069780',
      '20000480 1c000180 0500010003000000 0600040008080000 0600050008080000',
    ]
      .join('')
      .replaceAll(' ', ''),
  );
});
