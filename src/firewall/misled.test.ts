import { expect, it } from 'vitest';
import type { BridgeNetwork, FirewallInput, PublishedPort } from './input.ts';
import { flowsMisled } from './misled.ts';

const bridge = (link: string, subnet: string, with_: Partial<BridgeNetwork['families'][4]> = {}) => ({
  ...{ name: link, link, internal: false, icc: true, trusted: [] },
  families: { 4: { subnets: [subnet], mode: 'nat', masquerade: true, source: '', ...with_ } as const },
});

const port = (protocol: PublishedPort['protocol'], hostPort: number): PublishedPort => ({
  ...{ link: 'a', protocol, address: '10.1.0.2', containerPort: 53, hostIP: '0.0.0.0', hostPort },
});

const misled = (bridges: readonly BridgeNetwork[], ports: readonly PublishedPort[]) =>
  flowsMisled({ bridges, ports } as unknown as FirewallInput);

it('are those of networks that are hidden behind the host, to what is on no network', () => {
  const routed = bridge('b', '10.2.0.0/24', { mode: 'routed' });
  const open = bridge('c', '10.3.0.0/24', { masquerade: false });
  const inner = { ...bridge('d', '10.4.0.0/24'), internal: true };
  expect(misled([bridge('a', '10.1.0.0/24'), routed, open, inner], [])).toEqual([
    { untranslated: ['10.1.0.0/24'], near: ['10.1.0.0/24', '10.2.0.0/24', '10.3.0.0/24', '10.4.0.0/24'] },
  ]);
});

it('are those to ports of UDP, each of a range', () => {
  const range = { ...port('udp', 5000), hostPortEnd: 5001 };
  const to = { protocol: 'udp', address: '0.0.0.0', answeredBy: '10.1.0.2' };
  expect(misled([], [port('tcp', 80), port('udp', 0), range])).toEqual([
    {
      missed: [
        { ...to, port: 5000 },
        { ...to, port: 5001 },
      ],
    },
  ]);
});

it('are none without networks and ports', () => {
  expect(misled([], [])).toEqual([]);
});
