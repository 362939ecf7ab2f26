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

test('routes count in the main table only', () => {
  const route = (table: number): Uint8Array =>
    datagram(24, new Writer().struct(12, (view) => view.setUint8(4, table)).u32(4, 5));
  expect(decodeEvents([route(255), route(254)])).toEqual([
    { subject: 'route', action: 'new', name: '', link: 5 },
  ]);
});
