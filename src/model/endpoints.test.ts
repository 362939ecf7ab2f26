import { describe, expect, it } from 'vitest';
import { world } from '../../test/model/fixture.ts';
import { blankEndpointSpec, blankSandbox } from './blank.ts';
import type { Endpoint, EndpointSpec, Membership } from './endpoint.ts';
import { type EndpointRequest, makeEndpoint, memberOf, remembering } from './endpoints.ts';
import type { NetworkRequest } from './network.ts';

const ipam = (...subnets: readonly string[]): NetworkRequest['ipam'] => ({
  driver: '',
  options: {},
  pools: subnets.map((subnet) => ({ subnet, auxAddresses: {} })),
});

const dual = { enableIPv6: true, ipam: ipam('10.9.0.0/24', 'fd09::/64') };

function place(request: Partial<NetworkRequest> = {}) {
  const here = world();
  const network = here.network('net', request);
  const container = here.container('web');
  const sandbox = { ...blankSandbox, id: 's', containerId: container.id, path: '', hostname: 'h' };
  const make = (spec: Partial<Membership> = {}, more: Partial<EndpointRequest> = {}): Endpoint => {
    const member = memberOf(container);
    const request = {
      member,
      network,
      spec: { ...blankEndpointSpec('net'), ...spec },
      sandbox,
      siblings: [],
      ...more,
    };
    return makeEndpoint(here.model, request, here.networkContext);
  };
  return { here, network, container, make };
}

const ifname = (name: string) => ({ driverOpts: { 'com.docker.network.endpoint.ifname': name } });

describe('the addresses of an endpoint', () => {
  const sysctl = (text: string) => ({ driverOpts: { 'com.docker.network.endpoint.sysctls': text } });
  it.each<[string, Partial<EndpointSpec>, Readonly<Record<string, string>>, number]>([
    ['its own sysctl', sysctl('net.ipv6.conf.IFNAME.disable_ipv6=1'), {}, 1],
    ['the sysctl of all links', {}, { 'net.ipv6.conf.all.disable_ipv6': '1' }, 1],
    ['the sysctl of new links', {}, { 'net.ipv6.conf.default.disable_ipv6': '1' }, 1],
    ['no sysctl', {}, { 'net.ipv6.conf.all.disable_ipv6': '0', 'net.ipv6.conf.lo.disable_ipv6': '1' }, 2],
    [
      'its own sysctl before that of all',
      sysctl('net.ipv6.conf.IFNAME.disable_ipv6=0'),
      { 'net.ipv6.conf.all.disable_ipv6': '1' },
      2,
    ],
  ])('are without IPv6 by %s', (_case, spec, sysctls, count) => {
    const { container, make } = place(dual);
    const sandbox = { ...blankSandbox, id: 's', containerId: container.id, path: '', hostname: 'h', sysctls };
    expect(make(spec, { sandbox }).addresses).toHaveLength(count);
  });

  it.each([
    [dual, ['10.9.0.2/24', 'fd09::2/64']],
    [{ ipam: ipam('10.9.0.0/24') }, ['10.9.0.2/24']],
    [{ enableIPv4: false, enableIPv6: true, ipam: ipam('fd09::/64') }, ['fd09::2/64']],
  ])('are one of each family of the network: %j', (request, expected) => {
    expect(place(request).make().addresses).toEqual(expected);
  });

  it('are those that were asked, of any pool of the network', () => {
    const { make } = place({ enableIPv6: true, ipam: ipam('10.9.0.0/24', '10.8.0.0/16', 'fd09::/64') });
    expect(make({ ipv4: '10.8.0.7' }).addresses).toEqual(['10.8.0.7/16', 'fd09::2/64']);
    expect(make({ ipv6: 'fd09::7' }).addresses).toEqual(['10.9.0.2/24', 'fd09::7/64']);
  });

  it('come with link-local ones, which are nobody’s to give', () => {
    const { make } = place({ ipam: ipam('10.9.0.0/24') });
    expect(make({ linkLocal: ['169.254.1.2', 'fe80::7'] }).addresses).toEqual([
      '10.9.0.2/24',
      '169.254.1.2/16',
      'fe80::7/64',
    ]);
  });

  it.each([
    [{ ipv4: '10.8.0.5' }, 'contain the IP address 10.8.0.5'],
    [{ ipv4: '10.9.0.1' }, 'Address already in use'],
    [{ ipv6: 'fd09::5' }, 'contain the IP address fd09::5'],
  ])('cannot be %j', (spec, message) => {
    const { make } = place({ ipam: ipam('10.9.0.0/24') });
    expect(() => make(spec)).toThrow(message);
  });

  it('cannot be of a family that the network does not have', () => {
    const { make } = place({ enableIPv4: false, enableIPv6: true, ipam: ipam('fd09::/64') });
    expect(() => make({ ipv4: '10.9.0.5' })).toThrow('contain the IP address 10.9.0.5');
  });

  it('run out', () => {
    const { make, here } = place({ ipam: ipam('10.9.0.0/30') });
    here.model.apply([{ table: 'endpoints', put: make() }]);
    expect(() => make()).toThrow(/no available IPv4 addresses/i);
  });
});

describe('the interface of an endpoint', () => {
  it('has the lowest number that is free in its namespace', () => {
    const { make } = place();
    const first = make();
    const other = { ...first, networkId: 'other' };
    expect(first.ifname).toBe('eth0');
    expect(make({}, { siblings: [other] }).ifname).toBe('eth1');
    expect(make({}, { siblings: [{ ...other, ifname: 'eth1' }] }).ifname).toBe('eth0');
    expect(make({}, { siblings: [other], occupied: ['eth1', 'lo'] }).ifname).toBe('eth2');
  });

  it('has the name that was asked, where nothing else has it', () => {
    const { make } = place();
    const other = { ...make(), networkId: 'other', ifname: 'wan' };
    expect(make(ifname('lan'), { siblings: [other] }).ifname).toBe('lan');
    expect(() => make(ifname('wan'), { siblings: [other] })).toThrow(
      'interface name "wan" is already in use in web',
    );
    expect(() => make(ifname('wan'), { occupied: ['wan'] })).toThrow(
      'interface name "wan" is already in use',
    );
  });

  it('has the name that it had before, where that is free', () => {
    const { make } = place();
    const before = { ...make(), ifname: 'eth5' };
    const again = make(remembering(before.spec, before));
    expect([again.ifname, again.spec]).toEqual(['eth5', before.spec]);
    expect(make(remembering(before.spec, before), { occupied: ['eth5'] }).ifname).toBe('eth0');
  });

  it('has the address that it had before, where the network is of a cluster and that is free', () => {
    const { here, make } = place();
    const node = { id: 'a', name: 'a', advertise: '', data4: '192.0.2.1', instance: '', mtu: 1500 };
    here.model.apply([{ table: 'nodes', put: { ...node, here: true } }]);
    const over = here.network('over', { driver: 'overlay' });
    const kept = { addresses: [over.ipam.pools[0]?.subnet.replace('.0/24', '.77/24') ?? ''] };
    const again = make({ kept }, { network: over });
    expect(again.addresses).toEqual(kept.addresses);
    expect(make({ kept: { addresses: ['192.0.2.9/24'] } }, { network: over }).addresses).not.toContain(
      '192.0.2.9/24',
    );
    here.model.apply([{ table: 'endpoints', put: { ...again, sandboxId: 'other' } }]);
    expect(make({ kept }, { network: over }).addresses).not.toEqual(kept.addresses);
    // the lowest free one, as in Docker
    const plain = make();
    const high = plain.addresses.map((address) => address.replace(/\.\d+\//, '.77/'));
    expect(make({ kept: { addresses: high } }).addresses).toEqual(plain.addresses);
  });

  it('has the MAC address that was asked, else one that is drawn, and keeps it', () => {
    const { make } = place();
    expect(make({ mac: '02:11:22:33:44:55' }).mac).toBe('02:11:22:33:44:55');
    const drawn = make();
    expect(drawn.mac).toMatch(/^02:00:00:00:00:/);
    expect(make().mac).not.toBe(drawn.mac);
    expect(make(remembering(drawn.spec, drawn)).mac).toBe(drawn.mac);
    expect(remembering(drawn.spec, drawn).mac).toBeUndefined();
    expect(make({ mac: '02-11-22-33-44-5F' }).mac).toBe('02:11:22:33:44:5f');
  });

  it('has a new MAC address where another has the one that it had, or that is drawn', () => {
    const { here, make } = place();
    const before = make();
    const other = { ...make({ mac: before.mac }), sandboxId: 'other' };
    here.model.apply([{ table: 'endpoints', put: other }]);
    expect(make(remembering(before.spec, before)).mac).not.toBe(before.mac);
    expect(make({ mac: before.mac }).mac).toBe(before.mac);
    const next = Number.parseInt(make().id.slice(9, 12), 16);
    const drawn = `02:00:00:00:00:${(next + 2).toString(16)}`;
    here.model.apply([{ table: 'endpoints', put: { ...other, id: 'another', mac: drawn } }]);
    expect(make().mac).not.toBe(drawn);
    here.model.apply([{ table: 'endpoints', remove: other.id }]);
    expect(make(remembering(before.spec, before)).mac).toBe(before.mac);
  });

  it('is none, with no address and no MAC address, on the networks of which there is one', () => {
    const { here, container, make } = place();
    for (const name of ['host', 'none']) {
      const network = here.model.networkByName(name);
      if (!network) throw new Error(`no network ${name}`);
      const made = make({}, { network });
      expect([made.ifname, made.mac, made.addresses, made.dnsNames]).toEqual(['', '', [], []]);
      expect(remembering(made.spec, made).kept).toEqual({});
    }
    expect(make().containerId).toBe(container.id);
  });
});

describe('the place of an endpoint', () => {
  it('comes after those that are there, and after the last of them', () => {
    const { make } = place();
    const other = { ...make(), networkId: 'other' };
    const orders = [[], [0], [4, 2], [1, 7, 3]].map(
      (siblings) => make({}, { siblings: siblings.map((order) => ({ ...other, order })) }).order,
    );
    expect(orders).toEqual([0, 1, 5, 8]);
  });

  it('is one for each network', () => {
    const { make } = place();
    expect(() => make({}, { siblings: [make()] })).toThrow(
      'endpoint with name web already exists in network net',
    );
  });

  it('is not on a network that only configures others', () => {
    const { make } = place({ configOnly: true });
    expect(() => make()).toThrow('cannot create endpoint on configuration-only network');
  });

  it('is not on a network whose options cannot be read', () => {
    const { make, network } = place();
    const odd = { ...network, parsed: { ...network.parsed, invalid: 'odd value' } };
    expect(() => make({}, { network: odd })).toThrow(
      'options of network net cannot be read, though another version accepted them',
    );
  });
});

describe('the names of an endpoint', () => {
  it('are its container’s, its aliases, the short id and the host name, each once', () => {
    const { make, container } = place();
    const short = container.id.slice(0, 12);
    expect(make({ aliases: ['www', 'web', 'api'] }).dnsNames).toEqual(['web', 'www', 'api', short]);
    const member = { ...memberOf({ ...container, config: { ...container.config, Hostname: 'inside' } }) };
    expect(make({}, { member }).dnsNames).toEqual(['web', short, 'inside']);
    expect(make({}, { member: { ...member, otherNames: ['', 'x'] } }).dnsNames).toEqual(['web', 'x']);
  });

  it('are none on the default bridge', () => {
    const { here, make } = place();
    const network = here.model.networkByName('bridge');
    if (!network) throw new Error('no default bridge');
    expect(make({ aliases: ['www'] }, { network }).dnsNames).toEqual([]);
  });
});
