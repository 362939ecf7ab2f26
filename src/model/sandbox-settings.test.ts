import { describe, expect, it } from 'vitest';
import { world } from '../../test/model/fixture.ts';
import { blankConfig } from './blank.ts';
import type { HostConfig } from './container.ts';
import { openSandbox, type SandboxContext } from './sandboxes.ts';

function opened(hostConfig: Partial<HostConfig> = {}, context: Partial<SandboxContext> = {}) {
  const here = world();
  const config = { ...blankConfig, Hostname: 'web', Domainname: 'example.org' };
  const container = here.container('web', { config, hostConfig });
  const { sandbox, changes } = openSandbox(here.model, container, { ...here.sandboxContext, ...context });
  here.model.apply(changes);
  return { ...sandbox, inside: here.model.containersOfSandbox(sandbox.id).map(({ name }) => name) };
}

describe('a sandbox of a container’s own', () => {
  it('has the loopback link alone where there is no default network', () => {
    const here = world();
    here.model.apply([{ table: 'networks', remove: here.model.networkByName('bridge')?.id ?? '' }]);
    const { changes } = openSandbox(here.model, here.container('web'), here.sandboxContext);
    expect(changes.map(({ table }) => table)).toEqual(['sandboxes', 'containers']);
  });

  it('has its names, a namespace, and the container in it', () => {
    const { id, ...sandbox } = opened();
    expect(sandbox).toMatchObject({
      kind: 'own',
      hostname: 'web',
      domainname: 'example.org',
      inside: ['web'],
    });
    expect(sandbox.path).toBe(`/run/seaway/netns/${id.slice(0, 12)}`);
  });

  it('has the network settings that were asked of the kernel, and no others', () => {
    const Sysctls = { 'net.ipv4.ip_forward': '1', 'kernel.msgmax': '9', 'internet.x': '1' };
    expect(opened({ Sysctls }).sysctls).toEqual({ 'net.ipv4.ip_forward': '1' });
    expect(opened().sysctls).toEqual({});
  });
});

describe('the host’s own namespace', () => {
  it('has no path, and nothing is set in it', () => {
    const sandbox = opened({ NetworkMode: 'host', Sysctls: { 'net.ipv4.ip_forward': '1' } });
    expect([sandbox.kind, sandbox.path, sandbox.sysctls]).toEqual(['host', '', {}]);
    expect([sandbox.ports, sandbox.gateway4, sandbox.gateway6]).toEqual([[], '', '']);
  });
});

describe('the extra hosts of a sandbox', () => {
  const hosts = (...ExtraHosts: string[]) =>
    opened({ ExtraHosts }, { hostGateways: ['172.17.0.1', 'fd00::1'] }).extraHosts;

  it.each([
    ['db:10.0.0.1', '10.0.0.1'],
    ['db=10.0.0.1', '10.0.0.1'],
    ['db:fd00::9', 'fd00::9'],
    ['db:[fd00::9]', 'fd00::9'],
    ['db=[fd00::9]', 'fd00::9'],
  ])('are read from %s', (entry, address) => {
    expect(hosts(entry)).toEqual([{ address, names: ['db'] }]);
  });

  it('may mean the host, in both families', () => {
    expect(hosts('me:host-gateway', 'db:10.0.0.1')).toEqual([
      { address: '172.17.0.1', names: ['me'] },
      { address: 'fd00::1', names: ['me'] },
      { address: '10.0.0.1', names: ['db'] },
    ]);
  });

  it('are none where none are asked', () => {
    expect(opened({ ExtraHosts: null }).extraHosts).toEqual([]);
  });
});

describe('the DNS settings of a sandbox', () => {
  const dns = { servers: ['9.9.9.9'], search: ['lan'], options: ['ndots:2'] };

  it('are the engine’s where the container asks for nothing', () => {
    expect(opened({}, { dns }).dns).toEqual(dns);
  });

  it.each([
    [{ Dns: ['1.1.1.1'] }, { ...dns, servers: ['1.1.1.1'] }],
    [{ DnsSearch: ['corp'] }, { ...dns, search: ['corp'] }],
    [{ DnsOptions: ['rotate'] }, { ...dns, options: ['rotate'] }],
  ])('are the container’s where it asks: %j', (asked, expected) => {
    expect(opened(asked, { dns }).dns).toEqual(expected);
  });
});
