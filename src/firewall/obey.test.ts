import { expect, it } from 'vitest';
import { defaultSettings, type FirewallInput, type PublishedPort } from './input.ts';
import { obeyTables } from './obey.ts';

const family = (subnet: string, mode: 'nat' | 'routed' = 'nat') =>
  ({ subnets: [subnet], mode, masquerade: true, source: '' }) as const;

const port = (more: Partial<PublishedPort> = {}): PublishedPort => ({
  ...{ link: 'docker0', protocol: 'tcp', hostIP: '0.0.0.0', address: '172.17.0.2', policy: 'host' },
  ...{ hostPort: 8080, containerPort: 80 },
  ...more,
});

const input = (ports: readonly PublishedPort[], mode: 'nat' | 'routed' = 'nat'): FirewallInput => ({
  bridges: [
    {
      ...{ name: 'bridge', link: 'docker0', internal: false, icc: true, trusted: [] },
      families: { 4: family('172.17.0.0/16', mode), 6: family('fd00:17::/64', mode) },
    },
  ],
  ...{ ports, open: [], holes: [], segments: [], settings: defaultSettings },
});

it('ports that obey are in the sets of their family, ranges as one element', () => {
  const ports = [
    port(),
    port({ protocol: 'udp', hostPort: 9000, hostPortEnd: 9009, containerPortEnd: 89 }),
    port({ hostIP: '192.0.2.1', hostPort: 7000 }),
    port({ hostIP: '::', address: 'fd00:17::2', hostPort: 6000 }),
    port({ hostPort: 5000, policy: 'open' }),
    port({ hostPort: 0 }),
  ];
  const tables = obeyTables(input(ports), [4, 6])?.tables;
  expect(tables?.ip).toContain('elements = { tcp . 8080, udp . 9000-9009 }');
  expect(tables?.ip).toContain('elements = { 192.0.2.1 . tcp . 7000 }');
  expect(tables?.ip).toContain('dup to 169.254.99.1 device "swobey0" drop');
  expect(tables?.ip6).toContain('elements = { tcp . 6000 }');
  expect(tables?.ip6).toContain('iifname "swobey1" meta mark 0 meta mark set 99224545');
  expect(`${tables?.ip}${tables?.ip6}`).not.toContain('5000');
  expect(obeyTables(input(ports), [4])?.tables.ip6).toBeUndefined();
});

it('there is nothing where no port obeys', () => {
  expect(obeyTables(input([port({ policy: 'open' })]), [4, 6])).toBeUndefined();
  expect(obeyTables(input([port()]), [])).toBeUndefined();
  expect(obeyTables(input([port()], 'routed'), [4])).toBeUndefined();
});
