import { expect, test } from 'vitest';
import { endpoint, modelOf, network, pool, sandbox } from '../../test/golden/plans/world.ts';
import { parentCause } from './between.ts';

test.each([
  ['false', 'host-apart'],
  ['true', undefined],
])('the host and a container of macvlan with host_access=%s: %s', (access, code) => {
  const lan = network('lan', {
    ...{ driver: 'macvlan', options: { parent: 'up0', 'seaway.host_access': access } },
    pools: [pool('192.0.2.0/24', '192.0.2.1')],
  });
  const box = sandbox('web');
  const endpoints = [endpoint({ network: lan, sandbox: box }, { addresses: ['192.0.2.9/24'] })];
  const between = {
    ...{ view: modelOf({ networks: [lan], endpoints }), from: { kind: 'host', name: 'this host' } as const },
    to: { kind: 'container', name: 'web', sandbox: box, endpoints } as const,
    target: { name: 'web', protocol: 'icmp' } as const,
  };
  expect(parentCause(between)?.code).toBe(code);
});
