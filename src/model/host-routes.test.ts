import { describe, expect, it, test } from 'vitest';
import { networkRequest, world } from '../../test/model/fixture.ts';
import {
  isDefaultRoute,
  isOwnLink,
  reportedConflicts,
  reportedRoutes,
  routeConflicts,
} from './host-routes.ts';
import { createNetwork } from './networks.ts';

const pools = (subnet: string) => ({
  ipam: { driver: 'default', options: {}, pools: [{ subnet, auxAddresses: {} }] },
});

test.each([
  ['0.0.0.0/0', true],
  ['::/0', true],
  ['0.0.0.0/1', true],
  ['128.0.0.0/1', true],
  ['10.0.0.0/8', false],
  ['192.0.2.1/32', false],
])('%s is a default route: %s', (destination, expected) => {
  expect(isDefaultRoute({ destination })).toBe(expected);
});

test('a wider route and a narrower one are both in conflict with a network', () => {
  const { model, network } = world();
  const ten = network('ten', pools('10.1.0.0/16'));
  network('other', pools('10.200.0.0/16'));
  const routes = ['10.0.0.0/12', '10.1.7.0/24', '192.0.2.0/24', '0.0.0.0/1', 'fd00::/8'].map(
    (destination) => ({
      destination,
      link: 'wg0',
    }),
  );
  const found = routeConflicts(model, routes).map(({ network: { id }, subnet, route }) => [
    id,
    subnet,
    route.destination,
  ]);
  expect(found).toEqual([
    [ten.id, '10.1.0.0/16', '10.0.0.0/12'],
    [ten.id, '10.1.0.0/16', '10.1.7.0/24'],
  ]);
});

test('the subnet of a macvlan network is that of its parent, and the parent is not its own', () => {
  const { model, networkContext } = world();
  const request = networkRequest('lan', {
    driver: 'macvlan',
    options: { parent: 'up0' },
    ...pools('192.0.2.0/24'),
  });
  const network = createNetwork(model, request, { ...networkContext, hasLink: (name) => name === 'up0' });
  model.apply([{ table: 'networks', put: network }]);
  expect(['docker0', 'up0', ''].filter((link) => isOwnLink(model, link))).toEqual(['docker0']);
  expect(routeConflicts(model, [{ destination: '192.0.2.0/24', link: 'up0' }])).toEqual([]);
});

describe('what hosts of a cluster tell each other of their routes', () => {
  const route = (destination: string) => ({ destination, link: 'up0' });

  it('are blocks of several addresses that are no default route, each once, the largest first', () => {
    const routes = [
      '10.1.2.0/24',
      '0.0.0.0/0',
      '192.0.2.7/32',
      '10.0.0.0/9',
      'fd00::/64',
      'fd00::1/128',
      '10.1.2.0/24',
    ];
    expect(reportedRoutes(routes.map(route))).toEqual(['10.0.0.0/9', '10.1.2.0/24', 'fd00::/64']);
    const many = Array.from({ length: 300 }, (_, i) => route(`10.${i >> 8}.${i & 255}.0/24`));
    const most = reportedRoutes([...many, route('172.16.0.0/12')]);
    expect([most.length, most[0]]).toEqual([128, '172.16.0.0/12']);
  });

  it('are told with the hosts that have them where a network of the cluster overlaps', () => {
    const nodes = [
      { name: 'a', routes: ['10.0.0.0/9', '192.168.0.0/16'] },
      { name: 'b', routes: ['10.0.0.0/9'] },
      { name: 'c' },
    ];
    const ipam = (...subnets: readonly string[]) => ({
      ipam: {
        driver: 'default',
        options: null,
        pools: subnets.map((subnet) => ({ subnet, auxAddresses: {} })),
      },
    });
    expect(reportedConflicts(ipam('10.9.0.0/24', 'fd00::/64'), nodes)).toEqual([
      { subnet: '10.9.0.0/24', destination: '10.0.0.0/9', hosts: ['a', 'b'] },
    ]);
    expect(reportedConflicts(ipam('10.200.0.0/24'), nodes)).toEqual([]);
  });
});
