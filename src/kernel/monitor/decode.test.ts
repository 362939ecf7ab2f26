import { expect, test } from 'vitest';
import { Writer } from '../netlink/attributes.ts';
import { encodeRequest } from '../netlink/message.ts';
import { decodeEvents } from './decode.ts';

const datagram = (type: number, body: Writer): Uint8Array => encodeRequest({ type, flags: 0, body }, 0);

const link = (type: number, name: string, family = 0): Uint8Array =>
  datagram(
    type,
    new Writer()
      .struct(16, (view) => {
        view.setUint8(0, family);
        view.setInt32(4, 9, true);
      })
      .text(3, name),
  );

const port = (up: number, master: number): Uint8Array =>
  datagram(
    16,
    new Writer()
      .struct(16, (view) => {
        view.setInt32(4, 9, true);
        view.setUint32(8, up, true);
      })
      .text(3, 'p0')
      .u32(10, master)
      .text(20, 'seaway:endpoint:12'),
  );

const rule = (type: number): Uint8Array =>
  datagram(type, new Writer().struct(4, (view) => view.setUint8(0, 2)).text(1, 'nat'));

test('links come with name and index, and a bridge that speaks of its ports is not heard', () => {
  expect(decodeEvents([link(16, 'br0'), link(17, 'br1'), link(17, 'p0', 7)])).toMatchObject([
    { subject: 'link', action: 'new', name: 'br0', link: 9 },
    { subject: 'link', action: 'del', name: 'br1', link: 9 },
  ]);
});

test('an event that repeats is told once, at its last place', () => {
  expect(decodeEvents([link(16, 'a'), link(17, 'a'), link(16, 'a')]).map(({ action }) => action)).toEqual([
    'del',
    'new',
  ]);
});

test('a link that goes down and up again, or to another bridge, is told with each state, and whose it is', () => {
  const events = decodeEvents([port(1, 4), port(0, 4), port(1, 4), port(1, 5)]);
  expect(events.map(({ state }) => state)).toEqual(['false  4  18', 'true  4  18', 'true  5  18']);
  expect(events[0]?.alias).toBe('seaway:endpoint:12');
});

test('forwarding is told of a link, or of all', () => {
  const settings = (index: number, type = 2): Uint8Array =>
    datagram(
      80,
      new Writer()
        .struct(4, (view) => view.setUint8(0, 2))
        .u32(1, index >>> 0)
        .u32(type, 0),
    );
  const told = decodeEvents([settings(7), settings(-1), settings(9, 5)]);
  expect(told).toEqual([
    { subject: 'forwarding', action: 'new', name: '', link: 7 },
    { subject: 'forwarding', action: 'new', name: '', link: 0 },
  ]);
});

test('rules of the firewall come as family and table', () => {
  const [NEWRULE, DELRULE, NEWGEN] = [0x0a06, 0x0a08, 0x0a0f];
  expect(decodeEvents([rule(NEWRULE), rule(DELRULE), rule(DELRULE), rule(NEWGEN)])).toEqual([
    { subject: 'firewall', action: 'new', name: 'ip nat', link: 0 },
    { subject: 'firewall', action: 'del', name: 'ip nat', link: 0 },
  ]);
});

test('routes count in the main table only, and not those of every link', () => {
  const route = (table: number, length: number, destination: readonly number[]): Uint8Array => {
    const body = new Writer().struct(12, (view) => {
      view.setUint8(1, length);
      view.setUint8(4, table);
    });
    return datagram(24, body.data(1, Uint8Array.from(destination)).u32(4, 5));
  };
  const linkLocal = [0xfe, 0x80, ...Array(14).fill(0)];
  const all = [route(255, 8, [127, 0, 0, 0]), route(254, 64, linkLocal), route(254, 24, [10, 1, 2, 0])];
  const heard = { subject: 'route', action: 'new', name: '', link: 5 };
  expect(decodeEvents(all)).toEqual([heard]);
  expect(decodeEvents([route(254, 1, [128, 0, 0, 0])])).toEqual([{ ...heard, isDefault: true }]);
});

test('a bridge tells of the flags of a port', () => {
  const flagged = (hairpin: number): Uint8Array => {
    const body = new Writer().struct(16, (view) => {
      view.setUint8(0, 7);
      view.setInt32(4, 9, true);
    });
    body.text(3, 'p0').nested(12, () => void body.u8(4, hairpin).u8(33, 0));
    return datagram(16, body);
  };
  expect(decodeEvents([flagged(1), flagged(1), flagged(0)])).toEqual([
    { subject: 'port', action: 'new', name: 'p0', link: 9, state: '1 0' },
    { subject: 'port', action: 'new', name: 'p0', link: 9, state: '0 0' },
  ]);
});

test('rules and routes of other tables are told where they are the engine’s', () => {
  const rule = (protocol: number): Uint8Array =>
    datagram(33, new Writer().struct(12, () => undefined).data(21, Uint8Array.of(protocol)));
  const route = (protocol: number): Uint8Array => {
    const body = new Writer().struct(12, (view) => {
      view.setUint8(4, 252);
      view.setUint8(5, protocol);
    });
    return datagram(25, body.u32(15, 9_400).u32(4, 5));
  };
  expect(decodeEvents([rule(94), rule(3), rule(95), route(3)])).toEqual([
    { subject: 'rule', action: 'del', name: '', link: 0 },
  ]);
  expect(decodeEvents([route(94)])).toMatchObject([{ subject: 'route', action: 'del', link: 5 }]);
});

test('who made a change is told: the process that asked, or that committed a transaction', () => {
  const address = (port: number): Uint8Array => {
    const bytes = datagram(
      21,
      new Writer().struct(8, (view) => view.setUint32(4, 5, true)),
    );
    new DataView(bytes.buffer).setUint32(12, port, true);
    return bytes;
  };
  const byOf = (datagrams: readonly Uint8Array[]) => decodeEvents(datagrams).map(({ by }) => by);
  expect(byOf([address(4711)])).toEqual([{ pid: 4711 }]);
  // drawn by the kernel, for the second socket of a process
  expect(byOf([address(0xffff_f000)])).toEqual([undefined]);
  const end = datagram(
    0x0a0f,
    new Writer()
      .struct(4, () => undefined)
      .data(2, Uint8Array.of(0, 0, 0x12, 0x67))
      .text(3, 'nft'),
  );
  expect(byOf([rule(0x0a08), end])).toEqual([{ pid: 4711, name: 'nft' }]);
});
