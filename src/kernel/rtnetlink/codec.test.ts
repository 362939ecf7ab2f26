import { expect, test } from 'vitest';
import type { Namespace } from '../kernel.ts';
import { Attributes, Writer } from '../netlink/attributes.ts';
import type { Message, Request } from '../netlink/message.ts';
import { decodeAddress, encodeAddress } from './addresses.ts';
import { IFLA, IFLA_BRPORT, IFLA_INFO, RTA, RTM, VETH_INFO_PEER } from './constants.ts';
import { decodeLink, deleteLink, newLink, setLink } from './link-codec.ts';
import { decodeNeighbour, encodeNeighbour } from './neighbours.ts';
import { decodeRoute, encodeRoute } from './routes.ts';

/** A request read back as the message that the kernel would tell of it. */
const asMessage = ({ type, body }: Request): Message => ({ type, flags: 0, sequence: 0, body: body.bytes });
const attributesOf = ({ body }: Request, header: number): Attributes =>
  new Attributes(body.bytes.subarray(header));

test('the peer of a veth is a separate link message, with the namespace by descriptor', () => {
  const namespace = { fd: 42 } as Namespace;
  const request = newLink({
    type: 'veth',
    name: 'veth1',
    mtu: 1400,
    up: true,
    master: 7,
    peer: { name: 'eth0', mac: '02:42:ac:11:00:02', up: true, namespace },
  });
  const outer = attributesOf(request, 16);
  expect(outer.text(IFLA.IFNAME)).toBe('veth1');
  expect(outer.u32(IFLA.MASTER)).toBe(7);
  const peer = outer.nested(IFLA.LINKINFO).nested(IFLA_INFO.DATA).data(VETH_INFO_PEER) ?? new Uint8Array();
  const inner = new Attributes(peer.subarray(16));
  expect(inner.text(IFLA.IFNAME)).toBe('eth0');
  expect(inner.u32(IFLA.NET_NS_FD)).toBe(42);
  expect(inner.u32(IFLA.MTU)).toBeUndefined();
});

test('a link is read with its kind, alias, master and port', () => {
  const body = new Writer().struct(16, (view) => {
    view.setInt32(4, 12, true);
    view.setUint32(8, 0x1043, true);
  });
  body.text(IFLA.IFNAME, 'veth1').u32(IFLA.MTU, 1500).u32(IFLA.MASTER, 3).u32(IFLA.LINK, 2);
  body.text(IFLA.IFALIAS, 'seaway:endpoint:1').data(IFLA.ADDRESS, Uint8Array.from([2, 0x42, 0, 0, 0, 1]));
  body.nested(IFLA.LINKINFO, () => {
    body.text(IFLA_INFO.KIND, 'veth').text(IFLA_INFO.SLAVE_KIND, 'bridge');
    body.nested(IFLA_INFO.SLAVE_DATA, () => void body.u8(IFLA_BRPORT.MODE, 1).u8(IFLA_BRPORT.ISOLATED, 0));
  });
  expect(decodeLink({ type: RTM.NEWLINK, flags: 0, sequence: 0, body: body.bytes })).toEqual({
    index: 12,
    running: true,
    name: 'veth1',
    type: 'veth',
    mac: '02:42:00:00:00:01',
    mtu: 1500,
    up: true,
    alias: 'seaway:endpoint:1',
    master: 3,
    parent: 2,
    port: { hairpin: true, isolated: false },
  });
});

test('what is decided when a link is made is read under the names of a specification', () => {
  const data = (kind: string, write: (body: Writer) => void): unknown => {
    const body = new Writer().struct(16, () => undefined);
    body.nested(IFLA.LINKINFO, () => {
      body.text(IFLA_INFO.KIND, kind).nested(IFLA_INFO.DATA, () => write(body));
    });
    return decodeLink({ type: RTM.NEWLINK, flags: 0, sequence: 0, body: body.bytes }).fixed;
  };
  const vxlan = (body: Writer) =>
    void body
      .u32(1, 4097)
      .u16be(15, 4789)
      .u8(11, 1)
      .data(4, Uint8Array.from([192, 0, 2, 1]));
  expect(data('vxlan', vxlan)).toEqual({ vni: 4097, port: 4789, local: '192.0.2.1', proxy: 'on' });
  expect(data('vxlan', (body) => void body.u32(1, 1))).toEqual({ vni: 1, proxy: 'off' });
  expect(data('vlan', (body) => void body.u16(1, 42))).toEqual({ vlan: 42 });
  expect(data('macvlan', (body) => void body.u32(1, 4))).toEqual({ mode: 'bridge' });
  expect(data('bridge', () => undefined)).toBeUndefined();
  expect(data('toString', () => undefined)).toBeUndefined();
});

test('a change has only what is given, and an empty alias is an empty attribute', () => {
  const attributes = attributesOf(setLink(5, { alias: '', master: 0 }), 16);
  expect(attributes.data(IFLA.IFALIAS)).toHaveLength(0);
  expect(attributes.u32(IFLA.MASTER)).toBe(0);
  expect(attributes.data(IFLA.MTU)).toBeUndefined();
  const down = setLink(5, { up: false }).body.bytes;
  expect([down[8], down[12]]).toEqual([0, 1]);
});

test('a removal is by name or by group, never by both', () => {
  expect(attributesOf(deleteLink({ name: 'a' }), 16).data(IFLA.GROUP)).toBeUndefined();
  expect(attributesOf(deleteLink({ group: 9 }), 16).u32(IFLA.GROUP)).toBe(9);
});

test.for([
  { link: 3, address: '172.17.0.2/16', scope: 'global' },
  { link: 3, address: '169.254.1.1/32', scope: 'link' },
  { link: 3, address: 'fd00::2/64', scope: 'global', nodad: true },
] as const)('address $address is the same after bytes and back', (address) => {
  expect(decodeAddress(asMessage(encodeAddress(RTM.NEWADDR, address)))).toEqual(address);
});

test('a broadcast address is all ones after the prefix', () => {
  const broadcast = (address: string): string | undefined =>
    attributesOf(encodeAddress(RTM.NEWADDR, { link: 1, address, scope: 'global' }), 8)
      .data(4)
      ?.join('.');
  expect(broadcast('10.1.2.3/8')).toBe('10.255.255.255');
  expect(broadcast('10.1.2.3/20')).toBe('10.1.15.255');
  expect(broadcast('10.1.2.3/30')).toBe('10.1.2.3');
  expect(broadcast('10.1.2.3/31')).toBeUndefined();
  expect(broadcast('fd00::1/64')).toBeUndefined();
});

test.for([
  {
    destination: '0.0.0.0/0',
    gateway: '10.0.0.1',
    link: 2,
    scope: 'global',
    protocol: 0x5e,
    type: 'unicast',
  },
  {
    destination: '10.1.0.0/16',
    link: 2,
    source: '10.1.0.1',
    metric: 9,
    scope: 'link',
    protocol: 3,
    type: 'unicast',
  },
  { destination: '::/0', gateway: 'fe80::1', link: 2, scope: 'global', protocol: 0x5e, type: 'unicast' },
  { destination: 'fd00::/8', scope: 'global', protocol: 0x5e, type: 'unreachable' },
] as const)('route $destination is the same after bytes and back', (route) => {
  expect(decodeRoute(asMessage(encodeRoute(RTM.NEWROUTE, route)))).toEqual(route);
});

test('a removal of a route says nothing of what was not given', () => {
  const { body } = encodeRoute(RTM.DELROUTE, { destination: '10.0.0.0/8' });
  const [, , , , , protocol, scope, type] = body.bytes;
  expect([protocol, scope, type]).toEqual([0, 255, 0]);
  expect(new Attributes(body.bytes.subarray(12)).data(RTA.OIF)).toBeUndefined();
});

test('routes of other tables and of other types are left out', () => {
  const message = asMessage(encodeRoute(RTM.NEWROUTE, { destination: '10.0.0.0/8', link: 1 }));
  const changed = (at: number, value: number): Message => ({
    ...message,
    body: message.body.with(at, value),
  });
  expect(decodeRoute(changed(4, 255))).toBeUndefined();
  expect(decodeRoute(changed(7, 8))).toBeUndefined();
});

test('a neighbour is permanent, and only permanent ones are read', () => {
  const neighbour = { link: 4, address: 'fd00::9', mac: '02:42:00:00:00:09' };
  const message = asMessage(encodeNeighbour(RTM.NEWNEIGH, neighbour));
  expect(decodeNeighbour(message)).toEqual(neighbour);
  expect(decodeNeighbour({ ...message, body: message.body.with(8, 2) })).toBeUndefined();
});
