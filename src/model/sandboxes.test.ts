import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { world } from '../../test/model/fixture.ts';
import { blankEndpointSpec as spec } from './blank.ts';
import { connectSandbox, disconnectSandbox, openSandbox } from './sandboxes.ts';
import { closeSandbox } from './sharing.ts';

type World = ReturnType<typeof world>;

function open({ model, sandboxContext }: World, name: string) {
  const container = model.containerByName(name);
  if (!container) throw new Error(`no container ${name}`);
  const { sandbox, changes } = openSandbox(model, container, sandboxContext);
  model.apply(changes);
  return { sandbox, endpoints: model.endpointsOfSandbox(sandbox.id) };
}

describe('openSandbox', () => {
  it('gives the lowest free address of the default bridge and its gateway', () => {
    const here = world();
    here.container('c1');
    const { sandbox, endpoints } = open(here, 'c1');
    expect(endpoints.map(({ addresses, ifname }) => [ifname, ...addresses])).toEqual([
      ['eth0', '172.17.0.2/16'],
    ]);
    expect(sandbox.gateway4).toBe(endpoints[0]?.id);
    expect(sandbox.resolver).toBe(false);
  });

  it('serves names on user-defined networks only', () => {
    const here = world();
    here.network('backend');
    here.container('web', {
      hostConfig: { NetworkMode: 'backend' },
      networks: [spec('backend', { aliases: ['www'] })],
    });
    const { sandbox, endpoints } = open(here, 'web');
    expect(sandbox.resolver).toBe(true);
    expect(endpoints[0]?.dnsNames.slice(0, 2)).toEqual(['web', 'www']);
  });

  it('takes the gateway by priority, then by the name of the network', () => {
    const here = world();
    for (const name of ['zzz', 'aaa', 'mmm']) here.network(name);
    const networks = [spec('zzz'), spec('aaa'), spec('mmm', { gwPriority: 1 })];
    here.container('c1', { hostConfig: { NetworkMode: 'zzz' }, networks });
    const { sandbox, endpoints } = open(here, 'c1');
    expect(endpoints.map(({ ifname }) => ifname)).toEqual(['eth0', 'eth1', 'eth2']);
    expect(sandbox.gateway4).toBe(endpoints[2]?.id);
  });

  it('refuses an address outside the network and one that is taken, in Docker words', () => {
    const here = world();
    here.network('backend', {
      ipam: { driver: '', options: {}, pools: [{ subnet: '10.9.0.0/24', auxAddresses: {} }] },
    });
    const at = (name: string, ipv4: string) =>
      here.container(name, { hostConfig: { NetworkMode: 'backend' }, networks: [spec('backend', { ipv4 })] });
    at('outside', '10.8.0.5');
    at('first', '10.9.0.5');
    at('second', '10.9.0.5');
    open(here, 'first');
    expect(() => open(here, 'outside')).toThrow(
      'no configured subnet or ip-range contain the IP address 10.8.0.5',
    );
    expect(() => open(here, 'second')).toThrow('Address already in use');
  });

  it('publishes asked and dynamic ports, and refuses one that is published already', () => {
    const here = world();
    const PortBindings = { '80/tcp': [{ HostPort: '8080' }], '53/udp': [{}] };
    here.container('w1', { hostConfig: { PortBindings } });
    here.container('w2', { hostConfig: { PortBindings } });
    const { sandbox } = open(here, 'w1');
    expect(sandbox.ports.map(({ hostIP, hostPort, address }) => [hostIP, hostPort, address])).toEqual([
      ['0.0.0.0', 8080, '172.17.0.2'],
      ['0.0.0.0', 32768, '172.17.0.2'],
    ]);
    expect(() => open(here, 'w2')).toThrow('Bind for 0.0.0.0:8080 failed: port is already allocated');
  });

  it('says when no dynamic port is left', () => {
    const here = world();
    const ports = Object.fromEntries(['1/tcp', '2/tcp', '3/tcp', '4/tcp'].map((port) => [port, [{}]]));
    here.container('greedy', { hostConfig: { PortBindings: ports } });
    expect(() => open(here, 'greedy')).toThrow('all dynamic ports are allocated');
  });

  it('keeps the names of interfaces for the next start, whatever has been disconnected', () => {
    const here = world();
    for (const name of ['one', 'two', 'three']) here.network(name);
    here.container('c1', { hostConfig: { NetworkMode: 'one' }, networks: [spec('one'), spec('two')] });
    const names = ({ endpoints }: ReturnType<typeof open>) => endpoints.map(({ ifname }) => ifname);
    const first = open(here, 'c1');
    expect(names(first)).toEqual(['eth0', 'eth1']);
    here.model.apply(closeSandbox(here.model, first.sandbox.id));
    const container = here.model.containerByName('c1');
    if (!container) throw new Error('no c1');
    const networks = [...container.networks.slice(1), spec('three')];
    here.model.apply([{ table: 'containers', put: { ...container, networks } }]);
    expect(names(open(here, 'c1'))).toEqual(['eth1', 'eth0']);
  });

  it('gives no interface the name that another one is asked to have', () => {
    const here = world();
    for (const name of ['one', 'two']) here.network(name);
    const driverOpts = { 'com.docker.network.endpoint.ifname': 'eth0' };
    const networks = [spec('one'), spec('two', { driverOpts })];
    here.container('c1', { hostConfig: { NetworkMode: 'one' }, networks });
    expect(open(here, 'c1').endpoints.map(({ ifname }) => ifname)).toEqual(['eth1', 'eth0']);
  });

  it('keeps the MAC address for the next start', () => {
    const here = world();
    here.container('c1');
    const first = open(here, 'c1');
    here.model.apply(closeSandbox(here.model, first.sandbox.id));
    const second = open(here, 'c1');
    expect(second.endpoints[0]?.mac).toBe(first.endpoints[0]?.mac);
  });
});

describe('connecting and disconnecting', () => {
  it('moves gateway and ports to the network that leads out first, and back', () => {
    const here = world();
    here.network('zzz');
    here.network('aaa');
    const container = here.container('c1', {
      hostConfig: { NetworkMode: 'zzz', PortBindings: { '80/tcp': [{ HostPort: '8080' }] } },
      networks: [spec('zzz')],
    });
    const { sandbox, endpoints } = open(here, 'c1');
    const more = { container, sandbox, spec: spec('aaa') };
    const { endpoint, changes } = connectSandbox(here.model, more, here.sandboxContext);
    here.model.apply(changes);
    const connected = here.model.get('sandboxes', sandbox.id) ?? sandbox;
    expect(connected.gateway4).toBe(endpoint.id);
    expect(connected.ports.map(({ hostPort, endpointId }) => [hostPort, endpointId])).toEqual([
      [8080, endpoint.id],
    ]);
    const less = { container, sandbox: connected, endpoint };
    here.model.apply(disconnectSandbox(here.model, less, here.sandboxContext).changes);
    expect(here.model.get('sandboxes', sandbox.id)?.ports[0]?.endpointId).toBe(endpoints[0]?.id);
  });

  it('leaks no address and no port in any order of starts and stops', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(4), { maxLength: 40 }), (steps) => {
        const here = world();
        const names = ['c0', 'c1', 'c2', 'c3', 'c4'];
        for (const [index, name] of names.entries())
          here.container(name, {
            hostConfig: { PortBindings: { '80/tcp': [{ HostPort: String(8000 + index) }] } },
          });
        const running = new Map<string, string>();
        for (const step of steps) {
          const name = names[step] ?? '';
          const sandboxId = running.get(name);
          if (sandboxId) {
            here.model.apply(closeSandbox(here.model, sandboxId));
            running.delete(name);
          } else running.set(name, open(here, name).sandbox.id);
        }
        const addresses = Array.from(here.model.all('endpoints'), (endpoint) => endpoint.addresses[0]);
        expect(new Set(addresses).size).toBe(running.size);
        for (const sandboxId of running.values()) here.model.apply(closeSandbox(here.model, sandboxId));
        expect(open(here, 'c0').endpoints[0]?.addresses).toEqual(['172.17.0.2/16']);
      }),
      { numRuns: 50 },
    );
  });

  it('is taken back whole by the inverse changes', () => {
    const here = world();
    here.container('c1');
    const before = JSON.stringify([...here.model.all('containers')]);
    const container = here.model.containerByName('c1');
    if (!container) throw new Error('c1 is gone');
    const undo = here.model.apply(openSandbox(here.model, container, here.sandboxContext).changes);
    here.model.apply(undo);
    expect(JSON.stringify([...here.model.all('containers')])).toBe(before);
    expect(here.model.count('endpoints') + here.model.count('sandboxes')).toBe(0);
    expect(here.model.leases.firstFree(here.model.networkByName('bridge')?.id ?? '', 4)).toBe(
      '172.17.0.2/16',
    );
  });
});
