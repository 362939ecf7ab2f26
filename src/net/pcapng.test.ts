import { expect, it } from 'vitest';
import { packetText } from './packet-text.ts';
import {
  type Block,
  BlockReader,
  interfaceBlock,
  linkTypes,
  namesBlock,
  packetBlockSize,
  sectionBlock,
  statisticsBlock,
  textPacketBlock,
  writePacketBlock,
} from './pcapng.ts';

const described = {
  name: 'web:eth0',
  description: '',
  linkType: linkTypes.ethernet,
  snaplen: 1500,
  filter: 'tcp',
};
const seconds = 1_796_000_000;

function packetOf(data: Buffer, vlan?: { tpid: number; tci: number }): Buffer {
  const head = { on: 0, seconds, nanoseconds: 123_456_789, length: 1500, isOutgoing: true, vlan };
  const made = Buffer.alloc(packetBlockSize(vlan, data));
  expect(writePacketBlock(made, 0, { ...head, data })).toBe(made.length);
  return made;
}

const frame = Buffer.from(Array.from({ length: 61 }, (_, index) => index));

it('blocks are read again as they were made, wherever they are cut', () => {
  const file = Buffer.concat([
    sectionBlock('seaway 0.1.0'),
    namesBlock(new Map([[Uint8Array.of(172, 18, 0, 2), ['web']]])),
    interfaceBlock(described),
    packetOf(frame),
    textPacketBlock(0, BigInt(seconds) * 1_000_000_000n, 'reason=NO_SOCKET'),
    statisticsBlock({ on: 0, time: 1n, received: 7, dropped: 2 }),
  ]);
  for (const size of [1, 7, file.length]) {
    const reader = new BlockReader();
    const blocks: Block[] = [];
    for (let at = 0; at < file.length; at += size) blocks.push(...reader.push(file.subarray(at, at + size)));
    expect(blocks.map(({ kind }) => kind)).toEqual(['names', 'interface', 'packet', 'packet', 'statistics']);
    expect(blocks[0]).toMatchObject({ names: [[Buffer.from([172, 18, 0, 2]), 'web']] });
    expect(blocks[1]).toMatchObject({ name: 'web:eth0', linkType: 1 });
    expect(blocks[2]).toEqual({
      ...{ kind: 'packet', on: 0, time: BigInt(seconds) * 1_000_000_000n + 123_456_789n },
      ...{ length: 1500, isOutgoing: true, data: frame },
    });
    expect(String((blocks[3] as { data: Buffer }).data)).toContain('syslog\0\0\0\0\0\0<4>reason=NO_SOCKET');
    expect(blocks[4]).toEqual({ kind: 'statistics', on: 0, received: 7, dropped: 2 });
  }
});

it('a VLAN tag is put back behind the addresses', () => {
  const [block] = [...new BlockReader().push(packetOf(frame, { tpid: 0x8100, tci: 42 }))];
  expect(block).toMatchObject({ length: 1504 });
  const { data } = block as { data: Buffer };
  expect(data.toString('hex')).toBe(`${frame.toString('hex', 0, 12)}8100002a${frame.toString('hex', 12)}`);
});

it('what is no block is an error', () => {
  expect(() => [...new BlockReader().push(Buffer.alloc(16))]).toThrow('a block of 0 bytes');
});

const hex = (text: string): Buffer => Buffer.from(text.replace(/\s/g, ''), 'hex');
const macs = '0242ac120003 0242ac120002';
const names = new Map([['172.18.0.2', 'web']]);
const nameOf = (address: string): string | undefined => names.get(address);
const shown = (bytes: Buffer, isBare = false): string => packetText(bytes, { isBare, nameOf });

const ipv4 = (protocol: string, payload: string): string =>
  `4500 ${(20 + hex(payload).length).toString(16).padStart(4, '0')} 0000 4000 40 ${protocol} 0000 ac120002 ac120003 ${payload}`;
const dnsHead = '0001 0000 0000 0000 03776562 00 0001 0001';

it.each([
  [
    'TCP web:80 > 172.18.0.3:1234 SYN,ACK seq 1 ack 2 win 255 length 3',
    `${macs} 0800 ${ipv4('06', '0050 04d2 00000001 00000002 5012 00ff 0000 0000 616263')}`,
  ],
  [
    'UDP web:5353 > 172.18.0.3:53 length 21 DNS A? web',
    `${macs} 0800 ${ipv4('11', `14e9 0035 001d 0000 abcd 0100 ${dnsHead}`)}`,
  ],
  [
    'UDP web:53 > 172.18.0.3:5353 length 21 DNS A? web NXDOMAIN, 0 answers',
    `${macs} 0800 ${ipv4('11', '0035 14e9 001d 0000 abcd 8183 0001 0000 0000 0000 03776562 00 0001 0001')}`,
  ],
  ['ICMP web > 172.18.0.3 echo request id 7 seq 1', `${macs} 0800 ${ipv4('01', '0800 0000 0007 0001')}`],
  [
    'ICMP web > 172.18.0.3 fragmentation needed, mtu 1400',
    `${macs} 0800 ${ipv4('01', '0304 0000 0000 0578')}`,
  ],
  [
    'ARP who has web tell 172.18.0.3',
    `ffffffffffff 0242ac120003 0806 0001 0800 06 04 0001 0242ac120003 ac120003 000000000000 ac120002`,
  ],
  [
    'ARP web is at 02:42:ac:12:00:02',
    `${macs} 0806 0001 0800 06 04 0002 0242ac120002 ac120002 0242ac120003 ac120003`,
  ],
  [
    'ICMPv6 fd00::1 > ff02::1:ff00:2 who has fd00::2',
    `${macs} 86dd 60000000 0018 3a ff fd000000000000000000000000000001 ff0200000000000000000001ff000002 8700 0000 00000000 fd000000000000000000000000000002`,
  ],
  [
    'TCP [fd00::1]:80 > [fd00::2]:81 RST seq 0 win 0 length 0',
    `${macs} 86dd 60000000 0014 06 40 fd000000000000000000000000000001 fd000000000000000000000000000002 0050 0051 00000000 00000000 5004 0000 0000 0000`,
  ],
  [
    'vlan 42 ICMP web > 172.18.0.3 echo reply id 7 seq 1',
    `${macs} 8100 002a 0800 ${ipv4('01', '0000 0000 0007 0001')}`,
  ],
  ['IPv4 web > 172.18.0.3 GRE length 4', `${macs} 0800 ${ipv4('2f', '00000000')}`],
  ['02:42:ac:12:00:02 > 02:42:ac:12:00:03 type 0x88cc length 2', `${macs} 88cc 0000`],
])('a packet is shown as %s', (text, bytes) => {
  expect(shown(hex(bytes))).toBe(text);
});

it('a packet may begin with its IP header, and be cut anywhere', () => {
  const whole = hex(ipv4('06', '0050 04d2 00000001 00000002 5012 00ff 0000 0000'));
  expect(shown(whole, true)).toMatch(/^TCP web:80/);
  for (let length = 0; length < whole.length; length++)
    expect(shown(whole.subarray(0, length), true)).toMatch(/^(cut after|TCP|IPv4)/);
});
