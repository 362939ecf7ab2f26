import { expect, test } from 'vitest';
import { endpoint, modelOf, network, nodes, peer, pool, sandbox } from '../../test/golden/plans/world.ts';
import { tunnelPort } from './ends.ts';

test.each([
  [false, undefined, '4789/udp'],
  [false, 7788, '7788/udp'],
  [true, undefined, '7946/udp'],
])('hosts carry a network with encrypted=%s, data port %s by %s', (encrypted, dataPort, port) => {
  const wide = network('wide', {
    ...{ driver: 'overlay', scope: 'global', pools: [pool('10.1.0.0/24', '10.1.0.1')] },
    overlay: { vnis: [256], mtu: 1370, encrypted },
  });
  const box = sandbox('web');
  const endpoints = [endpoint({ network: wide, sandbox: box }, { addresses: ['10.1.0.2/24'] })];
  const far = peer(wide, 'far', ['10.1.0.77/24']);
  const own = nodes.map((node) => (dataPort ? { ...node, dataPort } : node));
  const view = modelOf({ networks: [wide], endpoints, nodes: own, peers: [far] });
  const from = { kind: 'container', name: 'web', sandbox: box, endpoints } as const;
  expect(tunnelPort(view, { from, to: { kind: 'peer', name: 'far', peer: far } })).toBe(port);
});
