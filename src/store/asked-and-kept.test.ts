import { describe, expect, it } from 'vitest';
import { driverTable } from '../drivers/table.ts';
import { askedAndKept } from './asked-and-kept.ts';

const bindings = {
  '80/tcp': [
    { HostIp: '127.0.0.1', HostPort: '8080' },
    { HostIp: '', HostPort: '' },
  ],
};
const web = {
  id: 'c1',
  config: { MacAddress: '02:00:00:00:00:01' },
  hostConfig: { PortBindings: bindings },
  networks: [
    { network: 'a', mac: '02:00:00:00:00:01', ifname: 'eth0' },
    { network: 'b', mac: '0a:11:22:33:44:55', ifname: 'eth1' },
    { network: 'c' },
  ],
};
const port = { protocol: 'tcp', hostIP: '127.0.0.1', containerPort: 80 };

describe('format 1 becomes format 2', () => {
  const before = {
    containers: [web],
    endpoints: [{ id: 'e1', containerId: 'c1', ask: { network: 'b', mac: '0a:11:22:33:44:55' } }],
    sandboxes: [
      {
        id: 's1',
        containerId: 'c1',
        ports: [port].flatMap((one) => [8080, 49_200].map((hostPort) => ({ ...one, hostPort }))),
      },
      { id: 's2', containerId: '', ports: [] },
    ],
    volumes: [{ name: 'v' }],
  };
  const after = askedAndKept.change(before, driverTable());

  it('an address that was drawn is kept, not asked', () => {
    expect(after.containers?.[0]?.networks).toEqual([
      { network: 'a', mac: '02:00:00:00:00:01', kept: { ifname: 'eth0' } },
      { network: 'b', kept: { mac: '0a:11:22:33:44:55', ifname: 'eth1' } },
      { network: 'c' },
    ]);
    expect(after.endpoints?.[0]?.ask).toEqual({ network: 'b', kept: { mac: '0a:11:22:33:44:55' } });
  });

  it('a port names the binding that it answers', () => {
    expect(after.sandboxes?.[0]?.ports).toMatchObject([
      { hostPort: 8080, asked: { hostIP: '127.0.0.1', hostPort: '8080' } },
      { hostPort: 49_200, asked: { hostIP: '127.0.0.1', hostPort: '8080' } },
    ]);
    expect(after.sandboxes?.[1]).toEqual({ id: 's2', containerId: '', ports: [] });
  });

  it('nothing else is touched', () => {
    expect(after.volumes).toEqual([{ name: 'v' }]);
  });
});
