import { describe, expect, it } from 'vitest';
import { driverTable } from '../drivers/table.ts';
import { specs } from './specs.ts';

describe('format 3 becomes format 4', () => {
  const sysctls = (value: string) => ({ 'com.docker.network.endpoint.sysctls': value });
  const bridge = (name: string, value: string) => ({ [`com.docker.network.bridge.${name}`]: value });
  const before = {
    networks: [
      { id: 'n1', driver: 'bridge', options: { ...bridge('enable_icc', 'false'), other: 'x' } },
      { id: 'n2', driver: 'bridge', options: { ...bridge('name', 'br+app'), ...bridge('enable_icc', '0') } },
      { id: 'n3', driver: 'macvlan', options: { parent: 'up0', 'seaway.host_names': 'false' } },
      { id: 'n4', driver: 'weave', options: { anything: 'goes' } },
      { id: 'n5', driver: 'null', configOnly: true, options: bridge('enable_icc', 'maybe') },
    ],
    endpoints: [
      { id: 'e1', extension: 'bx-1', ask: { network: 'n', kept: { ifname: 'eth0' } } },
      { id: 'e2', ask: {} },
      { id: 'e3', ask: { driverOpts: sysctls('net.ipv4.conf.IFNAME.x=1') } },
      { id: 'e4', ask: { driverOpts: sysctls('x') } },
    ],
    sandboxes: [
      { id: 's1', kind: 'foreign' },
      { id: 's2', kind: 'own' },
    ],
    volumes: [{ name: 'v' }],
  };
  const after = specs.change(before, driverTable());

  it('a namespace that others made is external', () => {
    expect(after.sandboxes).toEqual([
      { id: 's1', kind: 'external' },
      { id: 's2', kind: 'own' },
    ]);
  });

  it('an extension of a bridge is a fanout, what was asked a spec', () => {
    expect(after.endpoints?.slice(0, 2)).toEqual([
      { id: 'e1', fanout: 'bx-1', spec: { network: 'n' } },
      { id: 'e2', spec: {} },
    ]);
  });

  it('options of networks are read, beside those that inspect shows', () => {
    const [n1, , n3, n4, n5] = after.networks ?? [];
    expect(n1).toMatchObject({
      options: { other: 'x' },
      parsed: { hostNames: true, driver: { icc: false } },
    });
    expect(n3).toMatchObject({ parsed: { hostNames: false, driver: { parent: 'up0', mode: 'bridge' } } });
    expect(n4).toEqual({
      ...{ id: 'n4', driver: 'weave', options: { anything: 'goes' } },
      parsed: { announcing: { count: 3, interval: 1000 }, hostNames: true },
    });
    expect(n5?.parsed).not.toHaveProperty('invalid');
  });

  it('what cannot be read is named and kept, the rest is read', () => {
    expect(after.networks?.[1]).toMatchObject({
      options: bridge('name', 'br+app'),
      parsed: {
        driver: { name: '', icc: false },
        invalid: expect.stringContaining('invalid bridge name "br+app"'),
      },
    });
  });

  it('sysctls of endpoints are read, too', () => {
    expect(after.endpoints?.slice(2)).toMatchObject([
      { id: 'e3', sysctls: [{ tree: 'ipv4/conf', name: 'x', value: '1' }] },
      {
        id: 'e4',
        invalid: expect.stringContaining('unrecognised sysctl setting "x"'),
        spec: { driverOpts: sysctls('x') },
      },
    ]);
  });

  it('nothing else is touched', () => {
    expect(after.volumes).toEqual([{ name: 'v' }]);
  });
});
