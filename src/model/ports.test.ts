import { describe, expect, it } from 'vitest';
import { world } from '../../test/model/fixture.ts';
import { busy, type Case, chosen, dual, mappings } from '../../test/model/ports.ts';
import type { HostConfig } from './container.ts';
import { parsePort } from './port-specs.ts';
import { isRelayed, isTranslated, mostRelayed } from './relays.ts';

describe('parsePort', () => {
  it.each([
    ['80', 'tcp', 80],
    ['80/tcp', 'tcp', 80],
    ['1/udp', 'udp', 1],
    ['65535/sctp', 'sctp', 65535],
  ])('reads %s', (key, protocol, containerPort) => {
    expect(parsePort(key)).toEqual({ protocol, containerPort });
  });

  it.each(['', '0', '0/tcp', '65536', '-1', '8e1', ' 80', '80-81', 'http', '/tcp'])('refuses "%s"', (key) => {
    expect(() => parsePort(key)).toThrow(`invalid port specification: "${key}"`);
  });

  it.each(['80/icmp', '80/TCP', '80/'])('refuses the protocol of "%s"', (key) => {
    expect(() => parsePort(key)).toThrow(`invalid protocol "${key.split('/')[1]}"`);
  });
});

describe('what is published', () => {
  it('is bound on all addresses of the families that the endpoint has', () => {
    const asked = { '80/tcp': [{ HostPort: '8080' }] };
    expect(chosen(asked)).toEqual(['0.0.0.0 8080 -> 172.17.0.2 80/tcp', ':: 8080 -> fd00::2 80/tcp']);
    expect(chosen(asked, { addresses: ['fd00::2/64'] })).toEqual([':: 8080 -> fd00::2 80/tcp']);
    expect(chosen(asked, { addresses: [] })).toEqual([]);
  });

  it.each([
    ['127.0.0.1', '127.0.0.1 8080 -> 172.17.0.2 80/tcp'],
    ['fd00::9', 'fd00::9 8080 -> fd00::2 80/tcp'],
    ['[fd00::9]', 'fd00::9 8080 -> fd00::2 80/tcp'],
    ['0.0.0.0', '0.0.0.0 8080 -> 172.17.0.2 80/tcp'],
  ])('is bound on %s alone where that was asked', (HostIp, expected) => {
    expect(chosen({ '80/tcp': [{ HostIp, HostPort: '8080' }] })).toEqual([expected]);
  });

  it('is bound where the carrier says, where none was asked', () => {
    const asked = { '80/tcp': [{ HostPort: '8080' }] };
    const carriers = { 4: { bindTo: '10.0.0.1' }, 6: { bindTo: '' } };
    expect(chosen(asked, { carriers })).toEqual(['10.0.0.1 8080 -> 172.17.0.2 80/tcp']);
  });

  it('is open and not bound on a routed network, whatever address of the host was asked', () => {
    const carriers = { 6: { isRouted: true, bindTo: '' } };
    expect(chosen({ '80/tcp': [{ HostPort: '8080' }] }, { carriers })).toEqual([
      '0.0.0.0 8080 -> 172.17.0.2 80/tcp',
      ':: 0 -> fd00::2 80/tcp',
    ]);
    const bindings = [{ HostIp: '::1', HostPort: '8080' }];
    const here = busy({ HostPort: '8080' });
    expect(chosen({ '80/tcp': bindings }, { carriers }, here)).toEqual([':: 0 -> fd00::2 80/tcp']);
  });

  it('has one host port for every binding that was asked', () => {
    const bindings = [{ HostPort: '8080' }, { HostIp: '127.0.0.1', HostPort: '9090' }];
    expect(
      chosen({ '80/tcp': bindings, '80/udp': [{ HostPort: '8080' }] }, { addresses: dual.slice(0, 1) }),
    ).toEqual([
      '0.0.0.0 8080 -> 172.17.0.2 80/tcp',
      '127.0.0.1 9090 -> 172.17.0.2 80/tcp',
      '0.0.0.0 8080 -> 172.17.0.2 80/udp',
    ]);
  });

  it('has a dynamic port where none, none at all, or 0 was asked', () => {
    for (const bindings of [[], [{}], [{ HostPort: '' }], [{ HostPort: '0' }]])
      expect(chosen({ '80/tcp': bindings }, { addresses: dual.slice(0, 1) })).toEqual([
        '0.0.0.0 32768 -> 172.17.0.2 80/tcp',
      ]);
  });

  it('is with -P also what is exposed and not published by itself', () => {
    const asked = { '80/tcp': [{ HostPort: '8080' }] };
    const more = { exposed: ['80/tcp', '80/udp'], addresses: dual.slice(0, 1) };
    expect(chosen(asked, more)).toEqual(['0.0.0.0 8080 -> 172.17.0.2 80/tcp']);
    expect(chosen(asked, { ...more, publishAll: true })).toEqual([
      '0.0.0.0 8080 -> 172.17.0.2 80/tcp',
      '0.0.0.0 32768 -> 172.17.0.2 80/udp',
    ]);
  });
});

describe('a dynamic port', () => {
  const one = { addresses: dual.slice(0, 1) };
  const hostPorts = (asked: HostConfig['PortBindings'], more: Case = one, here = world()) =>
    chosen(asked, more, here).map((port) => Number(port.split(' ')[1]));

  it('is drawn, and looked for from there to the end and then from the beginning', () => {
    const { generate } = world().sandboxContext;
    const limits: number[] = [];
    const drawn = { ...generate, below: (limit: number) => limits.push(limit) && 2 };
    const asked = { '1/tcp': [{}], '2/tcp': [{}], '3/tcp': [{}] };
    expect(hostPorts(asked, { ...one, context: { generate: drawn } })).toEqual([32770, 32768, 32769]);
    expect(limits).toEqual([3, 3, 3]);
  });

  it('is none that the host uses for the same protocol, none that is published', () => {
    const occupied = new Set(['tcp/32768', 'udp/32769']);
    expect(hostPorts({ '80/tcp': [{}] }, { ...one, context: { occupied } })).toEqual([32769]);
    expect(hostPorts({ '80/tcp': [{}] }, one, busy({ HostPort: '32768' }))).toEqual([32769]);
    expect(hostPorts({ '80/udp': [{}] }, one, busy({ HostPort: '32768' }))).toEqual([32768]);
  });

  it('is one that is free in both families', () => {
    expect(hostPorts({ '80/tcp': [{}] }, {}, busy({ HostIp: '127.0.0.1', HostPort: '32768' }))).toEqual([
      32769, 32769,
    ]);
  });

  it('is refused when all are taken', () => {
    const here = busy({ HostPort: '32768-32770' });
    expect(() =>
      chosen({ '80/tcp': [{}] }, { context: { occupied: new Set(['tcp/32769', 'tcp/32770']) } }, here),
    ).toThrow('all dynamic ports are allocated');
  });
});

describe('a range of host ports', () => {
  const one = { addresses: dual.slice(0, 1) };

  it('gives the first of it that is free, also within one container', () => {
    const asked = { '80/tcp': [{ HostPort: '8000-8002' }] };
    expect(chosen(asked, one)).toEqual(['0.0.0.0 8000 -> 172.17.0.2 80/tcp']);
    expect(chosen(asked, one, busy({ HostPort: '8000' }))).toEqual(['0.0.0.0 8001 -> 172.17.0.2 80/tcp']);
    const twice = { '80/tcp': [{ HostPort: '8000-8001' }], '81/tcp': [{ HostPort: '8000-8001' }] };
    expect(chosen(twice, one).map((port) => port.split(' ')[1])).toEqual(['8000', '8001']);
  });

  it('is refused with the address that is taken and its first port when none is free', () => {
    const here = busy({ HostIp: '127.0.0.1', HostPort: '8000' }, { HostPort: '8001' });
    expect(() => chosen({ '80/tcp': [{ HostPort: '8000-8001' }] }, one, here)).toThrow(
      'Bind for 0.0.0.0:8000 failed: port is already allocated',
    );
  });

  it.each(['0-1', '2-1', '65535-65536', 'http', '80-', '-80', '1-2-3'])(
    'is refused where it is %s',
    (HostPort) => {
      expect(() => chosen({ '80/tcp': [{ HostPort }] }, one)).toThrow(
        `invalid port specification: "${HostPort}"`,
      );
    },
  );

  it('may reach to both ends of what there is', () => {
    expect(chosen({ '80/tcp': [{ HostPort: '1' }], '81/tcp': [{ HostPort: '65535' }] }, one)).toHaveLength(2);
  });
});

describe('with a process that passes on what the kernel does not', () => {
  const relayed: Case = { addresses: ['172.17.0.2/16'], context: { relays: true } };
  const asked = { '80/tcp': [{ HostPort: '8080' }] };

  it('is bound to IPv6 too where the container has IPv4 alone', () => {
    expect(chosen(asked, relayed)).toEqual([
      '0.0.0.0 8080 -> 172.17.0.2 80/tcp',
      ':: 8080 -> 172.17.0.2 80/tcp',
    ]);
    const HostIp = '2001:db8::9';
    expect(chosen({ '80/udp': [{ HostIp, HostPort: '53' }] }, relayed)).toEqual([
      '2001:db8::9 53 -> 172.17.0.2 80/udp',
    ]);
  });

  it('is bound to [::1] where that was asked, whatever the container has', () => {
    const loopback = { '80/tcp': [{ HostIp: '::1', HostPort: '8080' }] };
    expect(chosen(loopback, relayed)).toEqual(['::1 8080 -> 172.17.0.2 80/tcp']);
    expect(chosen(loopback, { context: { relays: true } })).toEqual(['::1 8080 -> fd00::2 80/tcp']);
  });

  it('is not where the network binds one address of IPv4, nor for SCTP, nor beyond the first ports', () => {
    expect(chosen(asked, { ...relayed, carriers: { 4: { bindTo: '127.0.0.1' } } })).toEqual([
      '127.0.0.1 8080 -> 172.17.0.2 80/tcp',
    ]);
    expect(chosen({ '80/sctp': [{ HostPort: '8080' }] }, relayed)).toHaveLength(1);
    const many = Array.from({ length: mostRelayed + 9 }, (_, index) => [
      `${index + 1}/tcp`,
      [{ HostPort: `${index + 10_000}` }],
    ]);
    expect(chosen(Object.fromEntries(many), relayed)).toHaveLength(2 * mostRelayed + 9);
  });

  it('tells the firewall of what it translates alone', () => {
    expect(mappings(asked, relayed).map(isTranslated)).toEqual([true, false]);
    expect(mappings(asked, { context: { relays: true } }).map(isRelayed)).toEqual([false, true]);
  });
});
