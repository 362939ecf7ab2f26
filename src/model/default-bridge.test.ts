import { describe, expect, it } from 'vitest';
import { bridgeConfig, world } from '../../test/model/fixture.ts';
import type { BridgeConfig } from '../config/config.ts';
import { isUsersBridge, predefinedNetworks } from './predefined.ts';

/** The default bridge of an engine that was started with each of these settings in turn. */
function bridgeAfter(...settings: readonly Partial<BridgeConfig>[]) {
  const { model, networkContext: context, network } = world();
  network('other', {
    ipam: { driver: '', options: {}, pools: [{ subnet: '10.9.0.0/24', auxAddresses: {} }] },
  });
  const pools = [...context.pools, { base: 'fd55::/48', size: 64 }];
  for (const one of settings) {
    const config = { ...bridgeConfig, ...one };
    model.apply(predefinedNetworks(model, { config, context: { ...context, pools } }));
  }
  return model.networkByName('bridge');
}

const poolsAfter = (...settings: readonly Partial<BridgeConfig>[]) => bridgeAfter(...settings)?.ipam.pools;
const plain = { subnet: '172.17.0.0/16', gateway: '172.17.0.1', auxAddresses: {} };

describe('the default bridge', () => {
  it('has what is free where nothing is said', () => {
    expect(bridgeAfter({})).toMatchObject({
      name: 'bridge',
      driver: 'bridge',
      link: 'docker0',
      enableIPv6: false,
    });
    expect(poolsAfter({})).toEqual([plain]);
  });

  it.each<[Partial<BridgeConfig>, object]>([
    [{ bip: '10.5.0.9/24' }, { subnet: '10.5.0.0/24', gateway: '10.5.0.9' }],
    [
      { bip: '10.5.0.9/16', fixedCidr: '10.5.7.0/24' },
      { subnet: '10.5.0.0/16', gateway: '10.5.0.9', ipRange: '10.5.7.0/24' },
    ],
    [
      { bip: '10.5.0.1/24', fixedCidr: '10.5.0.0/24' },
      { subnet: '10.5.0.0/24', gateway: '10.5.0.1' },
    ],
    [{ fixedCidr: '10.5.7.0/24' }, { subnet: '10.5.7.0/24', gateway: '10.5.7.1' }],
    [
      { fixedCidr: '172.17.7.0/24' },
      { subnet: '172.17.0.0/16', gateway: '172.17.7.0', ipRange: '172.17.7.0/24' },
    ],
    [
      { bip: '10.5.0.1/24', defaultGateway: '10.5.0.254' },
      { subnet: '10.5.0.0/24', gateway: '10.5.0.1', auxAddresses: { DefaultGatewayIPv4: '10.5.0.254' } },
    ],
  ])('has the IPv4 addresses of %j', (settings, pool) => {
    expect(poolsAfter(settings)).toEqual([{ auxAddresses: {}, ...pool }]);
  });

  it.each<[Partial<BridgeConfig>, object]>([
    [{}, { subnet: 'fd55::/64', gateway: 'fd55::1' }],
    [{ bip6: 'fd05::9/64' }, { subnet: 'fd05::/64', gateway: 'fd05::9' }],
    [{ fixedCidrV6: 'fd05::/80' }, { subnet: 'fd05::/80', gateway: 'fd05::1' }],
    [
      { bip6: 'fd05::1/64', fixedCidrV6: 'fd05::7:0/112', defaultGatewayV6: 'fd05::fe' },
      {
        subnet: 'fd05::/64',
        gateway: 'fd05::1',
        ipRange: 'fd05::7:0/112',
        auxAddresses: { DefaultGatewayIPv6: 'fd05::fe' },
      },
    ],
  ])('has with IPv6 the addresses of %j too', (settings, pool) => {
    expect(poolsAfter({ ...settings, ipv6: true })).toEqual([plain, { auxAddresses: {}, ...pool }]);
  });

  it('keeps its id, and the subnets that were chosen for it, from start to start', () => {
    const once = bridgeAfter({ ipv6: true });
    const twice = bridgeAfter({ ipv6: true }, { ipv6: true, icc: false });
    expect([twice?.id, twice?.ipam.pools]).toEqual([once?.id, once?.ipam.pools]);
    expect(twice?.options).not.toEqual(once?.options);
    expect(poolsAfter({ ipv6: true }, {})).toEqual([plain]);
  });

  it('follows new settings, and has free addresses again without them', () => {
    expect(poolsAfter({}, { bip: '10.5.0.1/24' })?.[0]?.subnet).toBe('10.5.0.0/24');
    expect(poolsAfter({ fixedCidr: '10.5.7.0/24' }, { fixedCidr: '10.6.7.0/24' })?.[0]?.subnet).toBe(
      '10.6.7.0/24',
    );
  });

  it('is not changed where the settings are the same', () => {
    const { model, networkContext: context } = world();
    expect(predefinedNetworks(model, { config: bridgeConfig, context })).toEqual([]);
  });

  it('may have the subnet that it has, not that of another network', () => {
    expect(poolsAfter({ bip: '172.17.0.1/16' })).toEqual([plain]);
    expect(() => poolsAfter({ bip: '10.9.0.1/24' })).toThrow('Pool overlaps');
    const elsewhere = { bip: '10.5.0.1/24', fixedCidr: '10.6.0.0/24' };
    expect(() => poolsAfter(elsewhere)).toThrow("doesn't contain ip-range");
  });

  const taken: [string, Partial<BridgeConfig>, readonly string[], object][] = [
    ['as it was left behind', {}, ['172.17.0.1/16'], plain],
    ['with another address', {}, ['10.5.0.9/24'], { subnet: '10.5.0.0/24', gateway: '10.5.0.9' }],
    [
      'with a range within its subnet',
      { fixedCidr: '10.5.0.128/25' },
      ['10.5.0.9/24'],
      { subnet: '10.5.0.0/24', gateway: '10.5.0.9', ipRange: '10.5.0.128/25' },
    ],
    [
      'with a range around its subnet',
      { fixedCidr: '10.5.0.0/16' },
      ['10.5.0.9/24'],
      { subnet: '10.5.0.0/24', gateway: '10.5.0.9' },
    ],
    [
      'not where a range lies elsewhere',
      { fixedCidr: '10.6.0.0/24' },
      ['10.5.0.9/24'],
      { subnet: '10.6.0.0/24', gateway: '10.6.0.1' },
    ],
    ['not where another network has its subnet', {}, ['10.9.0.1/24'], plain],
    [
      'not where the address is told',
      { bip: '10.7.0.1/24' },
      ['10.5.0.9/24'],
      { subnet: '10.7.0.0/24', gateway: '10.7.0.1' },
    ],
    ['not by a link-local address', {}, ['169.254.3.1/16'], plain],
    [
      'by the first of several addresses',
      { name: 'br9' },
      ['10.5.0.9/24', '10.6.0.9/24'],
      { subnet: '10.5.0.0/24', gateway: '10.5.0.9' },
    ],
    [
      'by the one of several that the range lies in',
      { name: 'br9', fixedCidr: '10.6.0.64/26' },
      ['10.5.0.9/24', '10.6.0.9/24'],
      { subnet: '10.6.0.0/24', gateway: '10.6.0.9', ipRange: '10.6.0.64/26' },
    ],
  ];
  it.each(taken)('takes a bridge over, %s', (_case, settings, bridgeAddresses, pool) => {
    const { model, networkContext: context, network } = world();
    network('other', {
      ipam: { driver: '', options: {}, pools: [{ subnet: '10.9.0.0/24', auxAddresses: {} }] },
    });
    const bridge = model.networkByName('bridge');
    model.apply([{ table: 'networks', remove: bridge?.id ?? '' }]);
    model.apply(
      predefinedNetworks(model, { config: { ...bridgeConfig, ...settings }, context, bridgeAddresses }),
    );
    expect(model.networkByName('bridge')?.ipam.pools).toEqual([{ auxAddresses: {}, ...pool }]);
  });

  it.each([
    ['fe80::/64', 'fe80::42:1/64', 'fe80::/64', 'fe80::42:1'],
    ['fe80:1234::/56', 'fe80:1234::9/56', 'fe80:1234::/56', 'fe80:1234::9'],
    ['fd07::/64', 'fe80::42:1/64', 'fd07::/64', 'fd07::1'],
    ['fd07::/80', 'fd07::9/64', 'fd07::/64', 'fd07::9'],
    ['', 'fe80:1234::88/56', 'fe80:1234::/56', 'fe80:1234::88'],
    ['', 'fe80:0:0:1::5/64', 'fe80:0:0:1::/64', 'fe80:0:0:1::5'],
    ['fd07::/64', 'fe80::7/60', 'fd07::/64', 'fd07::1'],
  ])('has for %s the gateway of a bridge that has %s', (fixedCidrV6, address, subnet, gateway) => {
    const { model, networkContext: context } = world();
    const config = { ...bridgeConfig, name: 'br9', ipv6: true, fixedCidrV6 };
    const bridgeAddresses = ['10.5.0.9/24', address];
    model.apply(predefinedNetworks(model, { config, context, bridgeAddresses }));
    expect(model.networkByName('bridge')?.ipam.pools[1]).toMatchObject({ subnet, gateway });
  });

  it('has the subnet of a bridge in 169.254.0.0/16', () => {
    const { model, networkContext: context } = world();
    const config = { ...bridgeConfig, name: 'br9' };
    const bridgeAddresses = ['169.254.9.1/24', '10.5.0.9/24'];
    model.apply(predefinedNetworks(model, { config, context, bridgeAddresses }));
    expect(model.networkByName('bridge')?.ipam.pools[0]).toMatchObject({ subnet: '169.254.9.0/24' });
  });

  it('stands in the way of none that only configures others', () => {
    const { model, networkContext: context, network } = world();
    const pools = [{ subnet: '10.5.0.0/24', auxAddresses: {} }];
    network('conf', { configOnly: true, ipam: { driver: '', options: {}, pools } });
    const config = { ...bridgeConfig, bip: '10.5.0.1/24' };
    model.apply(predefinedNetworks(model, { config, context }));
    expect(model.networkByName('bridge')?.ipam.pools[0]?.subnet).toBe('10.5.0.0/24');
  });

  it('is none where none is wanted, and comes again', () => {
    expect(bridgeAfter({ name: 'none' })).toBeUndefined();
    expect(bridgeAfter({ name: 'none' }, { name: 'none' })).toBeUndefined();
    expect(bridgeAfter({ name: 'none' }, {})?.link).toBe('docker0');
  });

  it.each([
    ['', false],
    ['none', false],
    ['docker0', false],
    ['br9', true],
  ])('of the name "%s" is the user’s: %s', (name, expected) => {
    expect(isUsersBridge({ name })).toBe(expected);
  });
});
