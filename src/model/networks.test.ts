import { describe, expect, it } from 'vitest';
import { networkRequest, world } from '../../test/model/fixture.ts';
import type { NetworkRequest } from './network.ts';
import { createNetwork, removeNetwork } from './networks.ts';

const ipam = (subnet: string): NetworkRequest['ipam'] => ({
  driver: 'default',
  options: {},
  pools: [{ subnet, auxAddresses: {} }],
});

describe('a config-only network', () => {
  it('gives its configuration to others, which decide themselves whether they are internal', () => {
    const { network } = world();
    network('cfg', { configOnly: true, ipam: ipam('10.9.0.0/24'), labels: { a: 'b' }, options: { x: 'y' } });
    expect(network('n', { configFrom: 'cfg', internal: true })).toMatchObject({
      internal: true,
      configFrom: 'cfg',
      labels: { a: 'b' },
      options: { x: 'y' },
      ipam: { pools: [{ subnet: '10.9.0.0/24', gateway: '10.9.0.1' }] },
    });
  });

  it('claims no addresses', () => {
    const { network } = world();
    network('cfg', { configOnly: true, ipam: ipam('172.18.0.0/16') });
    expect(network('n').ipam.pools[0]?.subnet).toBe('172.18.0.0/16');
  });

  it('stays as long as a network is made from it', () => {
    const { model, network } = world();
    const cfg = network('cfg', { configOnly: true });
    network('n', { configFrom: 'cfg' });
    expect(() => removeNetwork(model, cfg)).toThrow(
      'error while removing network: configuration network "cfg" is in use',
    );
  });

  it.each<[Partial<NetworkRequest>, string]>([
    [{ configFrom: 'bridge' }, 'configuration network "bridge" does not exist'],
    [{ configFrom: 'cfg', labels: { x: 'y' } }, 'user specified configurations are not supported'],
    [{ configFrom: 'cfg', ipam: ipam('10.8.0.0/24') }, 'user specified configurations are not supported'],
    [{ configFrom: 'cfg', configOnly: true }, 'cannot depend on another configuration network'],
    [{ configOnly: true, internal: true }, 'can only contain network specific fields'],
  ])('%j is refused', (more, why) => {
    const { network } = world();
    network('cfg', { configOnly: true });
    expect(() => network('n', more)).toThrow(why);
  });
});

describe('10,000 networks from one pool', () => {
  it('are chosen at once, each its own, and the hole of one that goes is the next', () => {
    const { model, networkContext } = world();
    let count = 0;
    // those of the fixture are not all different
    const generate = { ...networkContext.generate, id: () => (++count).toString(16).padStart(64, '0') };
    const context = {
      ...networkContext,
      generate,
      pools: [{ base: '10.0.0.0/8', size: 22 }],
      routed: ['10.0.4.0/24'],
    };
    const start = performance.now();
    const made = Array.from({ length: 10_000 }, (_, i) => {
      const network = createNetwork(model, networkRequest(`n${i}`), context);
      model.apply([{ table: 'networks', put: network }]);
      return network;
    });
    // 0.1 ms each on an idle machine; what must not be is a cost that grows with their number
    expect(performance.now() - start).toBeLessThan(15_000);
    const subnets = made.map(({ ipam: { pools } }) => pools[0]?.subnet ?? '');
    expect(new Set(subnets).size).toBe(10_000);
    expect(subnets.slice(0, 2)).toEqual(['10.0.0.0/22', '10.0.8.0/22']);
    model.apply([{ table: 'networks', remove: made[5000]?.id ?? '' }]);
    expect(createNetwork(model, networkRequest('again'), context).ipam.pools[0]?.subnet).toBe(subnets[5000]);
  });
});
