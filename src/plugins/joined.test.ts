import { describe, expect, it } from 'vitest';
import { readInterface, readJoined } from './joined.ts';

const open = { addresses: [], mac: '' };
const given = { addresses: ['10.1.0.2/16'], mac: '02:00:00:00:00:01' };

describe('the interface that a driver answers', () => {
  it('has what was left open', () => {
    const told = { Address: '10.1.0.9/16', AddressIPv6: 'fd00::9/64', MacAddress: '02-00-00-00-00-0A' };
    expect(readInterface(told, open)).toEqual({
      mac: '02:00:00:00:00:0a',
      addresses: ['10.1.0.9/16', 'fd00::9/64'],
    });
    expect(readInterface({}, given)).toEqual({});
  });

  it.each([
    [{ Address: '10.1.0.9/16' }, given, 'driver modified interface address'],
    [{ MacAddress: '02:00:00:00:00:02' }, given, 'driver modified interface MAC address'],
    [{ Address: '10.1.0.9' }, open, 'the interface address "10.1.0.9" is no IPv4 address in CIDR notation'],
    [{ AddressIPv6: '10.1.0.9/16' }, open, 'is no IPv6 address'],
    [{ MacAddress: 'odd' }, open, 'the MAC address "odd" is none'],
  ])('is refused: %j', (told, request, message) => {
    expect(() => readInterface(told, request)).toThrow(message);
  });
});

describe('what a driver answers to Join', () => {
  it('is link, names, gateways and routes of both types', () => {
    const StaticRoutes = [
      { Destination: '10.9.0.0/16', RouteType: 0, NextHop: '10.1.0.7' },
      { Destination: 'fd09::/64', RouteType: 1, NextHop: '' },
    ];
    const InterfaceName = { SrcName: 'wv0', DstPrefix: 'eth', DstName: 'wan' };
    expect(
      readJoined({
        InterfaceName,
        Gateway: '10.1.0.1',
        GatewayIPv6: 'fd00::1',
        StaticRoutes,
        DisableGatewayService: true,
      }),
    ).toEqual({
      link: 'wv0',
      ifPrefix: 'eth',
      ifname: 'wan',
      gateway4: '10.1.0.1',
      gateway6: 'fd00::1',
      routes: [
        { destination: '10.9.0.0/16', nextHop: '10.1.0.7' },
        { destination: 'fd09::/64', nextHop: '' },
      ],
      noGateway: true,
    });
    expect(readJoined({})).toEqual({});
  });

  const named = { SrcName: 'wv0', DstPrefix: 'eth' };
  it.each([
    [{ InterfaceName: { SrcName: 'wv0' } }, 'no name is given for interface "wv0"'],
    [{ InterfaceName: { SrcName: '../../x', DstPrefix: 'eth' } }, '"../../x" is no name of an interface'],
    [{ InterfaceName: { SrcName: 'wv0', DstName: 'eth%d' } }, '"eth%d" is no name of an interface'],
    [{ InterfaceName: { SrcName: 'wv0', DstPrefix: 'a'.repeat(15) } }, 'is no name of an interface'],
    [{ InterfaceName: { SrcName: 'wv0', DstPrefix: 'a'.repeat(16) } }, 'is no name of an interface'],
    [{ InterfaceName: named, Gateway: 'fd00::1' }, 'it is no IPv4 address'],
    [{ InterfaceName: named, StaticRoutes: [{ Destination: '10.9' }] }, 'the destination "10.9"'],
    [
      { InterfaceName: named, StaticRoutes: [{ Destination: '10.9.0.0/16', RouteType: 7 }] },
      'the unknown type 7',
    ],
    [
      { InterfaceName: named, StaticRoutes: [{ Destination: '10.9.0.0/16', NextHop: '' }] },
      '"" is no next hop',
    ],
  ])('is refused: %j', (told, message) => {
    expect(() => readJoined(told)).toThrow(message);
  });
});
