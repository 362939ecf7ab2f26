import { describe, expect, it } from 'vitest';
import { container, modelOf, network, nodes, pool } from '../../test/golden/plans/world.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { secureLink } from '../model/secure-tunnels.ts';
import { brokenScopes, suspectsOf } from './suspects.ts';

const over = (name: string, encrypted: boolean, subnet: string) => ({
  ...network(name, { driver: 'overlay', pools: [pool(subnet)] }),
  overlay: { vnis: [256], mtu: 1370, encrypted },
});

describe('the WireGuard link', () => {
  const secret = over('secret', true, '10.0.1.0/24');
  const model = modelOf({
    networks: [secret, over('clear', false, '10.0.2.0/24'), over('unused', true, '10.0.3.0/24')],
    nodes,
    ...container('c1', [{ on: secret, addresses: ['10.0.1.2/24'] }]),
  });
  const name = secureLink(nodes[0] ?? { id: '' });
  const kernelWith = (names: readonly string[]) =>
    ({
      host: { route: { listLinks: () => names.map((one) => ({ name: one, up: true })) } },
    }) as unknown as Kernel;

  it('is put back by the encrypted networks that use it', () => {
    expect(suspectsOf(model, { subject: 'link', action: 'del', name })).toEqual([`network:${secret.id}`]);
    expect(suspectsOf(model, { subject: 'link', action: 'del', name: 'wg-other' })).toEqual([]);
  });

  it('is missed after events were lost, and no link of an overlay is, which are in its namespace', () => {
    expect([...brokenScopes({ kernel: kernelWith([]), model })]).toEqual([`network:${secret.id}`]);
    expect([...brokenScopes({ kernel: kernelWith([name]), model })]).toEqual([]);
  });
});
