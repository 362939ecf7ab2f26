import { describe, expect, it } from 'vitest';
import { world } from '../../test/model/fixture.ts';
import { blankEndpointSpec } from './blank.ts';
import type { Container } from './container.ts';
import type { EndpointSpec } from './endpoint.ts';
import { reserveHostAddress } from './host-address.ts';
import { ownAddress } from './leases.ts';
import { cleanPath } from './paths.ts';
import { openSandbox } from './sandboxes.ts';
import { closeSandbox } from './sharing.ts';

const ipam = (...subnets: string[]) => ({
  driver: '',
  options: {},
  pools: subnets.map((subnet) => ({ subnet, auxAddresses: {} })),
});

describe('an address that a container asks for', () => {
  const asking = (here: ReturnType<typeof world>, name: string, more: Partial<EndpointSpec>) =>
    here.container(name, { hostConfig: { NetworkMode: 'net' }, networks: [blankEndpointSpec('net', more)] });
  const started = (here: ReturnType<typeof world>, container: Container): string | undefined => {
    const { changes, sandbox } = openSandbox(here.model, container, here.sandboxContext);
    here.model.apply(changes);
    return here.model.endpointsOfSandbox(sandbox.id)[0]?.addresses[0];
  };

  it('is drawn for no other while it is not running, and for others once it is gone', () => {
    const here = world();
    const early = asking(here, 'early', { ipv4: '10.1.0.3' });
    here.network('net', { ipam: ipam('10.1.0.0/29') });
    const fixed = asking(here, 'fixed', { ipv4: '10.1.0.2' });
    const twin = asking(here, 'twin', { ipv4: '::ffff:10.1.0.2' });
    expect(started(here, asking(here, 'first', {}))).toBe('10.1.0.4/29');
    here.model.apply([
      { table: 'containers', remove: early.id },
      { table: 'containers', remove: twin.id },
    ]);
    expect(started(here, asking(here, 'second', {}))).toBe('10.1.0.3/29');
    expect(started(here, fixed)).toBe('10.1.0.2/29');
    const sandbox = here.model.sandboxOfContainer(fixed.id);
    here.model.apply(closeSandbox(here.model, sandbox?.id ?? ''));
    expect(started(here, asking(here, 'third', {}))).toBe('10.1.0.5/29');
  });

  it('is drawn where no other is left', () => {
    const here = world();
    here.network('net', { ipam: ipam('10.1.0.0/30') });
    asking(here, 'fixed', { ipv4: '10.1.0.2' });
    expect(started(here, asking(here, 'other', {}))).toBe('10.1.0.2/30');
  });

  it('is read in whatever way it is written', () => {
    const here = world();
    here.network('net', { enableIPv6: true, ipam: ipam('10.1.0.0/29', 'fd01::/64') });
    const more = { ipv6: 'FD01:0::00A6', linkLocal: ['FE80::0077'] };
    const container = asking(here, 'six', more);
    started(here, container);
    const [endpoint] = here.model.endpointsOfNetwork(here.model.networkByName('net')?.id ?? '');
    expect(endpoint?.addresses).toEqual(['10.1.0.2/29', 'fd01::a6/64', 'fe80::77/64']);
    expect(endpoint && ownAddress(endpoint, 6)).toBe('fd01::a6/64');
    expect(() => started(here, asking(here, 'again', { ipv6: 'fd01::a6' }))).toThrow(
      'Address already in use',
    );
  });
});

describe('the addresses of a network', () => {
  function here() {
    const it = world();
    const net = it.network('net', { ipam: ipam('10.1.0.0/29') });
    const web = it.container('web', { hostConfig: { NetworkMode: 'net' } });
    it.model.apply(openSandbox(it.model, web, it.sandboxContext).changes);
    return { ...it, net };
  }

  it('stay taken when its record changes', () => {
    const { model, net } = here();
    model.apply([{ table: 'networks', put: { ...net, labels: { a: 'b' } } }]);
    expect(model.leases.firstFree(net.id, 4)).toBe('10.1.0.3/29');
    expect(model.leases.look(net.id, '10.1.0.2')?.free).toBe(false);
  });

  it('are counted by pool', () => {
    const { model, net } = here();
    expect(model.leases.status(net.id)).toEqual([{ subnet: '10.1.0.0/29', used: 4n, free: 4n }]);
    expect(model.leases.status('none')).toEqual([]);
  });

  it('are nobody’s when it is gone', () => {
    const { model, net } = here();
    const [endpoint] = model.endpointsOfNetwork(net.id);
    model.apply([
      { table: 'endpoints', remove: endpoint?.id ?? '' },
      { table: 'networks', remove: net.id },
    ]);
    expect([model.leases.firstFree(net.id, 4), model.leases.look(net.id, '10.1.0.2')]).toEqual([
      undefined,
      undefined,
    ]);
    expect(model.leases.status(net.id)).toEqual([]);
  });

  it('are not claimed by a network that only configures others, nor given up by it', () => {
    const { model, network, net } = here();
    const conf = network('conf', { configOnly: true, ipam: ipam('10.1.0.0/29') });
    expect(model.leases.firstFree(conf.id, 4)).toBeUndefined();
    model.apply([{ table: 'networks', remove: conf.id }]);
    expect(() => network('next', { ipam: ipam('10.1.0.0/29') })).toThrow('Pool overlaps');
    expect(model.leases.firstFree(net.id, 4)).toBe('10.1.0.3/29');
  });

  it('are not found in a pool of the other family', () => {
    const { model, network } = here();
    const net = network('six', { enableIPv4: false, enableIPv6: true, ipam: ipam('fd01::/64') });
    expect([model.leases.firstFree(net.id, 4), model.leases.firstFree(net.id, 6)]).toEqual([
      undefined,
      'fd01::2/64',
    ]);
    expect(model.leases.look(net.id, '10.1.0.2')).toBeUndefined();
  });
});

describe('addresses of other nodes', () => {
  const peer = (id: string, nodeId: string, networkId: string) => ({
    table: 'peers' as const,
    put: {
      ...{ id, nodeId, networkId, name: 'web', dnsNames: ['web'] },
      ...{ addresses: ['10.1.0.2/29'], mac: '02:42:00:00:00:05' },
    },
  });

  it('are taken as long as one has them, in whatever order they pass from one node to another', () => {
    const { model, network } = world();
    const net = network('over', { ipam: ipam('10.1.0.0/29') });
    model.apply([peer('p1', 'a', net.id)]);
    expect(model.leases.firstFree(net.id, 4)).toBe('10.1.0.3/29');
    expect(model.macs.isTaken(net.id, '02:42:00:00:00:05')).toBe(true);
    model.apply([peer('p2', 'b', net.id), { table: 'peers', remove: 'p1' }]);
    expect(model.leases.firstFree(net.id, 4)).toBe('10.1.0.3/29');
    model.apply([{ table: 'networks', put: { ...net, labels: { a: 'b' } } }]);
    expect(model.leases.firstFree(net.id, 4)).toBe('10.1.0.3/29');
    model.apply([{ table: 'peers', remove: 'p2' }]);
    expect(model.leases.firstFree(net.id, 4)).toBe('10.1.0.2/29');
    expect(model.macs.isTaken(net.id, '02:42:00:00:00:05')).toBe(false);
  });
});

describe('the host’s own address beside endpoints', () => {
  const reserve = (...pools: Parameters<typeof reserveHostAddress>[0]) =>
    reserveHostAddress(pools, { addressName: 'host', network: 'net' }).map(
      ({ auxAddresses }) => auxAddresses,
    );

  it('is one of the first pool of each family, beside what is reserved there', () => {
    expect(
      reserve(
        { subnet: '10.1.0.0/24', gateway: '10.1.0.1', auxAddresses: { a: '10.1.0.2' } },
        { subnet: '10.2.0.0/24', auxAddresses: {} },
        { subnet: 'fd01::/64', auxAddresses: {} },
      ),
    ).toEqual([{ a: '10.1.0.2', host: '10.1.0.3' }, {}, { host: 'fd01::1' }]);
  });

  it('is where the user wants it', () => {
    const asked = { subnet: '10.2.0.0/24', auxAddresses: { host: '10.2.0.9' } };
    expect(reserve({ subnet: '10.1.0.0/24', auxAddresses: {} }, asked)).toEqual([{}, { host: '10.2.0.9' }]);
  });

  it('needs one that is free', () => {
    const full = { subnet: '10.1.0.0/30', gateway: '10.1.0.1', auxAddresses: { a: '10.1.0.2' } };
    expect(() => reserve(full)).toThrow('no available IPv4 addresses');
  });
});

describe('cleanPath', () => {
  it.each([
    ['/a/b', '/a/b'],
    ['//a///b/', '/a/b'],
    ['/a/./b/.', '/a/b'],
    ['/a/b/../c', '/a/c'],
    ['/../../a', '/a'],
    ['/a/..', '/'],
    ['/..a/b..', '/..a/b..'],
  ])('makes of %s %s', (path, expected) => {
    expect(cleanPath(path)).toBe(expected);
  });
});
