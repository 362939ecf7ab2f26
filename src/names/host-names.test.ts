import { describe, expect, it } from 'vitest';
import { type Attachment, container, modelOf, network, pool } from '../../test/golden/plans/world.ts';
import { withParsed } from '../../test/model/networks.ts';
import type { Network } from '../model/network.ts';
import type { Sandbox } from '../model/sandbox.ts';
import { hostNames } from './host-names.ts';

const key = (name: string): string => `com.docker.network.bridge.${name}`;
const dual = network('dual', {
  enableIPv6: true,
  pools: [pool('172.18.0.0/16', '172.18.0.1'), pool('fd18::/64', 'fd18::1')],
});
const inner = network('inner', { internal: true, pools: [pool('172.20.0.0/16', '172.20.0.1')] });
const six = network('six', {
  enableIPv4: false,
  enableIPv6: true,
  pools: [pool('fd24::/64', 'fd24::1')],
});

function namesOf(places: readonly Attachment[], more: Partial<Sandbox> = {}) {
  const { sandboxes = [], endpoints = [] } = container('c1', places, more);
  const networks: Network[] = places.map(({ on }) => on);
  const [sandbox] = sandboxes;
  if (!sandbox) throw new Error('no sandbox');
  const found = hostNames(modelOf({ networks, sandboxes, endpoints }), sandbox);
  return [found['host.docker.internal'], found['gateway.docker.internal']];
}

describe('the names of the host', () => {
  it('lead to the gateways of both families', () => {
    const on: Attachment = { on: dual, addresses: ['172.18.0.2/16', 'fd18::2/64'], gateway: [4, 6] };
    expect(namesOf([on])).toEqual([
      ['172.18.0.1', 'fd18::1'],
      ['172.18.0.1', 'fd18::1'],
    ]);
    expect(namesOf([{ on: six, addresses: ['fd24::2/64'], gateway: [6] }])).toEqual([
      ['fd24::1'],
      ['fd24::1'],
    ]);
  });

  it('lead to the network with the default route, for each family by itself', () => {
    const places: Attachment[] = [
      { on: inner, addresses: ['172.20.0.2/16'] },
      { on: dual, addresses: ['172.18.0.2/16', 'fd18::2/64'], gateway: [4] },
      { on: six, addresses: ['fd24::2/64'], gateway: [6] },
    ];
    expect(namesOf(places)[0]).toEqual(['172.18.0.1', 'fd24::1']);
  });

  it('lead to the host on an internal network too, unless it is not on it', () => {
    expect(namesOf([{ on: inner, addresses: ['172.20.0.2/16'] }])).toEqual([['172.20.0.1'], ['172.20.0.1']]);
    const isolated = network('isolated', {
      internal: true,
      options: { [key('gateway_mode_ipv4')]: 'isolated' },
      pools: [pool('172.23.0.0/16')],
    });
    expect(namesOf([{ on: isolated, addresses: ['172.23.0.2/16'] }])).toEqual([undefined, undefined]);
  });

  it('are told apart where another machine is the gateway', () => {
    const routed = network('routed', {
      pools: [pool('10.62.0.0/24', '10.62.0.1', { auxAddresses: { DefaultGatewayIPv4: '10.62.0.77' } })],
    });
    const on = { addresses: ['10.62.0.2/24'], gateway: [4] } as const;
    expect(namesOf([{ on: routed, ...on }])).toEqual([['10.62.0.1'], ['10.62.0.77']]);
    const bare = withParsed({ ...routed, options: { [key('inhibit_ipv4')]: 'true' } });
    expect(namesOf([{ on: bare, ...on }])).toEqual([undefined, ['10.62.0.77']]);
  });

  it('have the host on a macvlan network only where it has access to it', () => {
    const pools = [pool('198.51.100.0/24', '198.51.100.1', { auxAddresses: { host: '198.51.100.2' } })];
    const on = { addresses: ['198.51.100.70/24'], gateway: [4] } as const;
    const pub = network('pub', { driver: 'macvlan', options: { parent: 'up0' }, pools });
    expect(namesOf([{ on: pub, ...on }])).toEqual([undefined, ['198.51.100.1']]);
    const near = withParsed({ ...pub, options: { parent: 'up0', 'seaway.host_access': 'true' } });
    expect(namesOf([{ on: near, ...on }])).toEqual([['198.51.100.2'], ['198.51.100.1']]);
  });

  it('have the gateway of the subnet that the container is in', () => {
    const many = network('many', {
      pools: [pool('10.1.0.0/24', '10.1.0.1'), pool('10.2.0.0/24', '10.2.0.1')],
    });
    expect(namesOf([{ on: many, addresses: ['10.2.0.9/24'], gateway: [4] }])[0]).toEqual(['10.2.0.1']);
  });

  it("are the loopback in the host's own namespace, and nothing without a network", () => {
    const host = network('host', { driver: 'host', predefined: true });
    expect(namesOf([{ on: host }], { kind: 'host', path: '' })).toEqual([['127.0.0.1'], ['127.0.0.1']]);
    expect(namesOf([])).toEqual([undefined, undefined]);
  });

  it('pass over networks on which they are switched off', () => {
    const off = withParsed({ ...dual, options: { 'seaway.host_names': 'false' } });
    const on = { addresses: ['172.18.0.2/16'], gateway: [4] } as const;
    expect(namesOf([{ on: off, ...on }])).toEqual([undefined, undefined]);
  });
});
