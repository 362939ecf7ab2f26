import { expect, test } from 'vitest';
import { bridgeConfig, world } from '../../test/model/fixture.ts';
import type { BridgeConfig } from '../config/config.ts';
import { predefinedNetworks } from './predefined.ts';

function bridgeWith(config: Partial<BridgeConfig>, bridgeAddresses?: readonly string[]) {
  const { model, networkContext } = world();
  const wanted = { config: { ...bridgeConfig, ...config }, context: networkContext, bridgeAddresses };
  model.apply(predefinedNetworks(model, wanted));
  const { enableIPv6, link, ipam } = model.networkByName('bridge') ?? {};
  return { enableIPv6, link, pools: ipam?.pools.map(({ subnet, gateway }) => `${subnet} ${gateway}`) };
}

test("a bridge of the user's gives its own addresses to the network", () => {
  const addresses = ['10.64.0.9/24', '169.254.7.7/16', 'fe80::1/64', 'fd64::1/64'];
  expect(bridgeWith({ name: 'br9', ipv6: true }, addresses)).toEqual({
    enableIPv6: true,
    link: 'br9',
    pools: ['10.64.0.0/24 10.64.0.9', 'fd64::/64 fd64::1'],
  });
});

test('one that has none gets some, and one that is not there is refused', () => {
  expect(bridgeWith({ name: 'br9' }, []).pools).toHaveLength(1);
  expect(() => bridgeWith({ name: 'br9' })).toThrow(
    'bridge device with non default name br9 must be created manually',
  );
});

test('a default gateway must be within the subnet', () => {
  expect(() => bridgeWith({ bip: '10.62.0.1/24', defaultGateway: '10.63.0.9' })).toThrow(
    'auxiliary address: (DefaultGatewayIPv4:10.63.0.9) must belong to the master pool: 10.62.0.0/24',
  );
});

test("the subnet of a bridge of the user's is left when the engine has its own again", () => {
  const { model, networkContext: context } = world();
  const users = { config: { ...bridgeConfig, name: 'br9' }, context, bridgeAddresses: ['10.64.0.1/24'] };
  model.apply(predefinedNetworks(model, users));
  model.apply(predefinedNetworks(model, { config: bridgeConfig, context }));
  expect(model.networkByName('bridge')?.ipam.pools[0]?.subnet).toBe('172.17.0.0/16');
});
