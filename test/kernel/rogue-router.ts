/**
 * A program: sends one router advertisement (RFC 4861, 4.2) with prefix fd99::/64 out of a link of the namespace
 * that it is run in. Arguments: index of the link, its MAC address.
 */
import { icmpv6Checksum } from '../../src/kernel/announce/frames.ts';
import { AF_PACKET, SOCK_RAW } from '../../src/kernel/ffi/constants.ts';
import * as libc from '../../src/kernel/ffi/libc.ts';
import { addressBytes, macBytes } from '../../src/kernel/netlink/inet.ts';

const [index = '', mac = ''] = process.argv.slice(2);
const from = addressBytes('fe80::99');
const to = addressBytes('ff02::1');

/** Router for half an hour; hosts make themselves an address of the prefix (RFC 4862). */
function advertisement(): Buffer {
  const message = Buffer.alloc(48);
  message.writeUInt8(134, 0);
  message.writeUInt8(64, 4);
  message.writeUInt16BE(1800, 6);
  message.set([3, 4, 64, 0xc0], 16);
  message.writeUInt32BE(3600, 20);
  message.writeUInt32BE(3600, 24);
  message.set(addressBytes('fd99::'), 32);
  message.writeUInt16BE(icmpv6Checksum(message, { from, to }), 2);
  return message;
}

function frame(message: Buffer): Buffer {
  const header = Buffer.alloc(40);
  header.writeUInt8(0x60, 0);
  header.writeUInt16BE(message.length, 4);
  header.set([58, 255], 6);
  header.set(from, 8);
  header.set(to, 24);
  return Buffer.concat([
    macBytes('33:33:00:00:00:01'),
    macBytes(mac),
    Buffer.from('86dd', 'hex'),
    header,
    message,
  ]);
}

const socket = libc.socket(AF_PACKET, SOCK_RAW, 0);
const where = Buffer.alloc(20);
where.writeUInt16LE(AF_PACKET, 0);
where.writeInt32LE(Number(index), 4);
const bytes = frame(advertisement());
if (libc.bind(socket, where, where.length) < 0 || libc.send(socket, bytes, bytes.length, 0) < 0)
  throw new Error(`not sent: errno ${libc.lastErrno()}`);
