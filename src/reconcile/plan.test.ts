import { expect, it } from 'vitest';
import { endpoint, modelOf, network, pool, sandbox, usualFacts } from '../../test/golden/plans/world.ts';
import { isOnHost } from '../model/host-routes.ts';
import { networkOwner } from '../objects/owner.ts';
import { objectsOfNetwork, planNetworkScope, planSandboxScope } from './plan.ts';

const vlan = (name: string, created: string) =>
  network(name, { driver: 'macvlan', options: { parent: 'up0.50' }, created, pools: [pool('10.0.0.0/24')] });

const ownerOf = (model: ReturnType<typeof modelOf>, id: string): string[] =>
  planNetworkScope(model, id, usualFacts).flatMap((object) => (object.kind === 'link' ? [object.owner] : []));

it('a sub-interface that networks share belongs to the oldest, and passes on when that one goes', () => {
  const [young, old] = [vlan('young', '2026-02-01'), vlan('old', '2026-01-01')];
  const model = modelOf({ networks: [young, old] });
  expect(ownerOf(model, young.id)).toEqual([networkOwner(old.id)]);
  expect(ownerOf(model, old.id)).toEqual([networkOwner(old.id)]);
  model.apply([{ table: 'networks', remove: old.id }]);
  expect(ownerOf(model, young.id)).toEqual([networkOwner(young.id)]);
});

it('a network that only carries settings, or is not there, is nothing in the kernel', () => {
  const settings = network('settings', { configOnly: true });
  const model = modelOf({ networks: [settings] });
  expect(planNetworkScope(model, settings.id, usualFacts)).toEqual([]);
  expect(planNetworkScope(model, 'ff', usualFacts)).toEqual([]);
  expect(planSandboxScope(model, 'ff', usualFacts)).toEqual([]);
});

it('sysctls that the user asks for go before those of the drivers', () => {
  const web = network('web', { pools: [pool('10.0.0.0/24', '10.0.0.1')] });
  const box = sandbox('box', {
    sysctls: { 'net.ipv6.conf.eth0.disable_ipv6': '0', 'net.ipv6.conf.default.disable_ipv6': '0' },
  });
  const end = endpoint({ network: web, sandbox: box }, { addresses: ['10.0.0.2/24'] });
  const model = modelOf({ networks: [web], sandboxes: [box], endpoints: [end] });
  const inside = planSandboxScope(model, box.id, usualFacts).flatMap((object) =>
    object.kind === 'sysctl' && object.ns === box.id ? [`${object.key}=${object.value}`] : [],
  );
  expect(inside.filter((line) => line.includes('ipv6'))).toEqual([
    'net/ipv6/conf/eth0/disable_ipv6=0',
    'net/ipv6/conf/default/disable_ipv6=0',
  ]);
});

it('a namespace that somebody else made is given endpoints, lo for the resolver, and nothing more', () => {
  const web = network('web', { pools: [pool('10.0.0.0/24', '10.0.0.1')] });
  const box = sandbox('box', { kind: 'external', resolver: true });
  const end = endpoint({ network: web, sandbox: box }, { addresses: ['10.0.0.2/24'] });
  const model = modelOf({ networks: [web], sandboxes: [box], endpoints: [end] });
  const objects = planSandboxScope(model, box.id, usualFacts);
  const links = objects.flatMap((object) => (object.kind === 'link' ? [object.type] : []));
  expect(links).toEqual(['loopback', 'veth']);
  expect(objects.some((object) => object.kind === 'sysctl' && object.key.includes('/default/'))).toBe(false);
});

it('a network whose options cannot be read is degraded by name, and no rules are made for it', () => {
  const web = network('web', { pools: [pool('10.0.0.0/24', '10.0.0.1')] });
  const odd = { ...web, parsed: { ...web.parsed, invalid: 'invalid bridge name "br+app"' } };
  const plan = () => planNetworkScope(modelOf({ networks: [odd] }), odd.id, usualFacts);
  expect(plan).toThrow(
    'options of network web cannot be read, though another version accepted them: invalid bridge',
  );
  // its bridge is no stray
  expect(objectsOfNetwork(modelOf({ networks: [odd] }), odd.id, usualFacts)[0]).toMatchObject({
    kind: 'link',
    name: web.link,
  });
  expect([web, odd].map((each) => isOnHost(modelOf({}).drivers, each))).toEqual([true, false]);
});

it('so is a sandbox whose endpoint has such options', () => {
  const web = network('web', { pools: [pool('10.0.0.0/24', '10.0.0.1')] });
  const box = sandbox('box');
  const end = endpoint({ network: web, sandbox: box }, { addresses: ['10.0.0.2/24'], invalid: 'odd sysctl' });
  const model = modelOf({ networks: [web], sandboxes: [box], endpoints: [end] });
  expect(() => planSandboxScope(model, box.id, usualFacts)).toThrow(
    'options of box on network web cannot be read, though another version accepted them: odd sysctl',
  );
});
