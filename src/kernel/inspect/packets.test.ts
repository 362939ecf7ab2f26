import { expect, test } from 'vitest';
import { replyOf } from './answering.ts';
import { parseListening } from './listening.ts';
import { arrivalFrame, checksum, echoMessage, isEchoReply } from './packets.ts';
import { decodeSockaddr, encodeSockaddr } from './sockaddr.ts';
import { headerOf } from './trace-codec.ts';

const arrival = { link: 'up0', protocol: 'tcp', sourcePort: 54_321, port: 80 } as const;

test('an arriving packet has correct checksums, and is read back as it was meant', () => {
  const frame = arrivalFrame(
    { ...arrival, source: '203.0.113.9', destination: '198.51.100.2' },
    '02:00:00:00:00:09',
  );
  const [ip, tcp] = [frame.subarray(14, 34), frame.subarray(34)];
  expect(checksum(ip)).toBe(0);
  expect(checksum(Uint8Array.of(...ip.subarray(12, 20), 0, 6, 0, tcp.length), tcp)).toBe(0);
  expect(headerOf(ip, tcp)).toEqual({
    ...{ source: '203.0.113.9', destination: '198.51.100.2' },
    ...{ sourcePort: 54_321, destinationPort: 80, flags: 2, protocol: 6 },
  });
});

test('an arriving packet of IPv6 likewise', () => {
  const frame = arrivalFrame(
    { ...arrival, protocol: 'udp', source: '2001:db8::9', destination: '2001:db8::2' },
    '02:00:00:00:00:09',
  );
  const [ip, udp] = [frame.subarray(14, 54), frame.subarray(54)];
  const pseudo = Uint8Array.of(...ip.subarray(8, 40), 0, 0, 0, udp.length, 0, 0, 0, 17);
  expect(checksum(pseudo, udp)).toBe(0);
  expect(headerOf(ip, udp)).toMatchObject({ source: '2001:db8::9', destinationPort: 80, flags: 0 });
});

test('echo replies are told by their identifier', () => {
  const reply = echoMessage(6, { id: 7, size: 8 });
  reply[0] = 129;
  expect(isEchoReply(6, reply, 7)).toBe(true);
  expect(isEchoReply(6, reply, 8)).toBe(false);
  const header = new Uint8Array(20);
  header[0] = 0x45;
  const four = echoMessage(4, { id: 7, size: 8 });
  four[0] = 0;
  expect(isEchoReply(4, new Uint8Array([...header, ...four]), 7)).toBe(true);
});

test('socket addresses are read back', () => {
  for (const address of ['192.0.2.1', '2001:db8::1'])
    expect(decodeSockaddr(encodeSockaddr(address, 8080))).toEqual({ address, port: 8080 });
});

test('listening sockets are read from /proc/net', () => {
  const tcp = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000003 00:00000000 00000000     0        0 12345 1 ff 100
   1: 0100007F:1F91 0100007F:1F90 01 00000000:00000000 00:00000000 00000000     0        0 12346 1 ff 100
`;
  expect(parseListening('tcp', tcp)).toEqual([
    { protocol: 'tcp', address: '127.0.0.1', port: 8080, waiting: 3, inode: 12_345 },
  ]);
  const udp6 = `  sl  local_address remote_address st tx_queue rx_queue tr tm->when retrnsmt uid timeout inode ref pointer drops
  10: B80D0120000000000000000001000000:0035 00000000000000000000000000000000:0000 07 00000000:00000009 00:00000000 00000000 0 0 77 2 ff 0
`;
  expect(parseListening('udp', udp6)).toEqual([
    { protocol: 'udp', address: '2001:db8::1', port: 53, waiting: 0, inode: 77 },
  ]);
});

test('only replies for the address count as answers', () => {
  const frame = new Uint8Array(42);
  frame.set([0x08, 0x06], 12);
  frame.set([0, 1, 8, 0, 6, 4, 0, 2, 2, 0, 0, 0, 0, 9, 192, 0, 2, 1], 14);
  expect(replyOf(frame, '192.0.2.1')).toBe('02:00:00:00:00:09');
  expect(replyOf(frame, '192.0.2.2')).toBeUndefined();
});
