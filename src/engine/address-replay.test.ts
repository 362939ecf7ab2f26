import { expect, test } from 'vitest';
import type { Network } from '../model/network.ts';
import type { IpamDriver } from '../plugins/ipam-driver.ts';
import { AddressReplay } from './address-replay.ts';

const lease = { id: 'p1', space: 'local', addresses: ['10.1.0.1'] };
const pools = [{ subnet: '10.1.0.0/24', gateway: '10.1.0.1', auxAddresses: {}, lease }];
const network = { id: 'n1', ipam: { driver: 'x', options: null, pools } } as unknown as Network;

function world() {
  const asked: string[] = [];
  const driver = (activation: object, pool: () => Promise<string>): IpamDriver => ({
    ...{ activation, requiresMac: false, requiresReplay: true },
    localSpace: async () => ({ name: 'local', isGlobal: false }),
    requestPool: async () => {
      asked.push('pool');
      return { id: await pool(), subnet: '10.1.0.0/24', gateway: undefined };
    },
    requestAddress: async ({ address }) => {
      asked.push(address);
      return `${address}/24`;
    },
  });
  const addresses = new AddressReplay({ model: { endpointsOfNetwork: () => [] } as never });
  return { asked, driver, addresses };
}

test('pools are requested once for each handshake, whoever looks at the same time', async () => {
  const { asked, driver, addresses } = world();
  const first = {};
  const same = driver(first, async () => 'p1');
  await Promise.all([addresses.replay(network, same), addresses.replay(network, same)]);
  await addresses.replay(network, same);
  expect(asked).toEqual(['pool', '10.1.0.1']);
  await addresses.replay(
    network,
    driver({}, async () => 'p1'),
  );
  expect(asked).toEqual(['pool', '10.1.0.1', 'pool', '10.1.0.1']);
});

test('what failed is requested again', async () => {
  const { asked, driver, addresses } = world();
  const activation = {};
  const answers = [Promise.reject(new Error('busy')), Promise.resolve('p1')];
  const one = driver(activation, () => answers.shift() ?? Promise.resolve('p1'));
  await expect(addresses.replay(network, one)).rejects.toThrow('busy');
  await addresses.replay(network, one);
  expect(asked).toEqual(['pool', 'pool', '10.1.0.1']);
});
