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

const rule = (type: number): Uint8Array =>
  datagram(type, new Writer().struct(4, (view) => view.setUint8(0, 2)).text(1, 'nat'));

test('links come with name and index, and a bridge that speaks of its ports is not heard', () => {
  expect(decodeEvents([link(16, 'br0'), link(17, 'br1'), link(17, 'p0', 7)])).toEqual([
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
