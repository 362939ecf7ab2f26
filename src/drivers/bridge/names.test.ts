import { describe, expect, it } from 'vitest';
import { type networkRequest, world } from '../../../test/model/fixture.ts';
import type { KernelObject } from '../../objects/object.ts';
import { driverTable } from '../table.ts';

const { find: findDriver } = driverTable();

const named = (name: string) => ({ 'com.docker.network.bridge.name': name });
const facts = { uplinkMtu: 1500, bridgeNetfilter: true, ipv6: true };

describe('the name of a bridge', () => {
  it('is one network’s, whether it was asked or follows from an id', () => {
    const here = world();
    const made = here.network('first', { options: named('br9') });
    const other = here.network('other');
    const refused = (name: string) => () => here.network('next', { options: named(name) });
    expect(refused('br9')).toThrow(`conflicts with network ${made.id} (br9): networks have same bridge name`);
    expect(refused(other.link)).toThrow('networks have same bridge name');
    expect(refused('docker0')).toThrow('networks have same bridge name');
    expect(refused('br8')).not.toThrow();
  });

  it('may be the word that a network of another kind, or a configuration, has', () => {
    const here = world();
    here.network('conf', { configOnly: true, options: named('br7') });
    here.network('vlan', { driver: 'macvlan', options: named('br7') });
    expect(here.network('net', { options: named('br7') }).link).toBe('br7');
  });
});

describe('what a bridge network has in the kernel', () => {
  const plan = (request: Parameters<typeof networkRequest>[1]) => {
    const here = world();
    return findDriver('bridge').planNetwork(here.network('net', request), facts);
  };
  const seen = (objects: readonly KernelObject[]) =>
    objects.flatMap((object) =>
      object.kind === 'address'
        ? [object.address]
        : object.kind === 'sysctl'
          ? [object.key.split('/').pop()]
          : [],
    );

  it('is no address where it has no gateway', () => {
    const isolated = { 'com.docker.network.bridge.gateway_mode_ipv4': 'isolated' };
    expect(seen(plan({})).filter((text) => text?.includes('.'))).toEqual(['172.18.0.1/16']);
    expect(seen(plan({ internal: true, options: isolated })).filter((text) => text?.includes('.'))).toEqual(
      [],
    );
  });

  it('leads to published ports on the loopback only with IPv4, and only where it leads out', () => {
    const ipam = { driver: '', options: {}, pools: [{ subnet: 'fd01::/64', auxAddresses: {} }] };
    expect(seen(plan({}))).toContain('route_localnet');
    expect(seen(plan({ enableIPv4: false, enableIPv6: true, ipam }))).not.toContain('route_localnet');
    expect(seen(plan({ internal: true }))).not.toContain('route_localnet');
  });

  it('has bridged packets go through the firewall of its families where endpoints are kept isolated', () => {
    const isolated = { 'com.docker.network.bridge.enable_icc': 'false' };
    const ipam = { driver: '', options: {}, pools: [{ subnet: 'fd01::/64', auxAddresses: {} }] };
    expect(seen(plan({ options: isolated }))).toContain('bridge-nf-call-iptables');
    expect(seen(plan({ options: isolated }))).not.toContain('bridge-nf-call-ip6tables');
    const six = seen(plan({ options: isolated, enableIPv4: false, enableIPv6: true, ipam }));
    expect([six.includes('bridge-nf-call-iptables'), six.includes('bridge-nf-call-ip6tables')]).toEqual([
      false,
      true,
    ]);
    expect(seen(plan({}))).not.toContain('bridge-nf-call-iptables');
  });

  it('ends on the host under a name that the endpoint’s id gives', () => {
    const network = world().network('net');
    const shape = findDriver('bridge').endpointShape(network, {
      id: '0123456789abcdef',
      ifname: '',
    });
    expect(shape).toEqual({ ifname: '', ifPrefix: 'eth', hostLink: 'veth0123456789a', mac: true });
  });
});
