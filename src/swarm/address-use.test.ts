import { expect, it } from 'vitest';
import { replicas, start } from '../../test/swarm/cluster.ts';
import { service } from '../../test/swarm/fixture.ts';
import { addressUse } from './address-use.ts';

it('addresses of gateways, services and tasks count as given away, until their tasks have ended', () => {
  const { cluster } = start();
  const { id } = cluster.network('back');
  const of = () => addressUse(cluster.view)(id);
  // the network's own, its broadcast, and the gateway
  expect(of()).toEqual([{ subnet: '10.0.3.0/24', used: 3n, free: 253n }]);
  const web = cluster.create(service('web', { ...replicas(4), task: { Networks: [{ Target: 'back' }] } }));
  cluster.settle();
  expect(of()).toEqual([{ subnet: '10.0.3.0/24', used: 8n, free: 248n }]);
  cluster.update(web.id, service('web', { ...replicas(1), task: { Networks: [{ Target: 'back' }] } }));
  cluster.pass(10);
  expect(of()).toEqual([{ subnet: '10.0.3.0/24', used: 5n, free: 251n }]);
  expect(addressUse(cluster.view)('none')).toEqual([]);
});
