import { describe, expect, it } from 'vitest';
import { container, modelOf, network, nodes, pool } from '../../test/golden/plans/world.ts';
import type { KernelEvent } from '../kernel/events.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { secureLink } from '../model/secure-tunnels.ts';
import { brokenScopes, suspectsInside, suspectsOf } from './suspects.ts';

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

describe('a queue that somebody took from a link', () => {
  const plain = over('plain', false, '10.0.3.0/24');
  const one = container('c2', [{ on: plain, addresses: ['10.0.3.2/24'] }]);
  const model = modelOf({ networks: [plain], nodes, ...one });
  const [end] = model.endpointsOfNetwork(plain.id);
  if (end)
    model.apply([{ table: 'endpoints', put: { ...end, hostLink: 'veth1', rates: { ingress: 8_000 } } }]);

  it('is put back by the sandbox whose rate it limits', () => {
    const scopes = [`sandbox:${end?.sandboxId}`];
    expect(suspectsOf(model, { subject: 'queue', action: 'del', name: 'veth1' })).toEqual(scopes);
    expect(suspectsOf(model, { subject: 'queue', action: 'del', name: 'veth2' })).toEqual([]);
    const inside = { subject: 'queue', action: 'del', name: 'veth1' } as const;
    expect(suspectsInside(model, `network:${plain.id}`, inside)).toEqual(scopes);
  });
});

describe('an event in the namespace of a network', () => {
  const clear = over('clear', false, '10.0.2.0/24');
  const one = container('c1', [{ on: clear, addresses: ['10.0.2.2/24'] }]);
  const model = modelOf({ networks: [clear], nodes, ...one });
  const [endpoint] = model.endpointsOfNetwork(clear.id);
  const sandboxId = endpoint?.sandboxId ?? '';
  const [network, sandbox] = [`network:${clear.id}`, `sandbox:${sandboxId}`];

  it.each<[string, Omit<KernelEvent, 'name'>, readonly string[]]>([
    ['a forwarding entry', { subject: 'neighbour', action: 'del' }, [network]],
    ['an address that is gone', { subject: 'address', action: 'del' }, [network]],
    ['an address more', { subject: 'address', action: 'new' }, []],
    ['its bridge', { subject: 'link', action: 'del', alias: `seaway:network:${clear.id}` }, [network]],
    ['a port', { subject: 'link', action: 'del', alias: `seaway:endpoint:${endpoint?.id}` }, [sandbox]],
    ['a link of somebody', { subject: 'link', action: 'new' }, []],
    ['lost events', { subject: 'neighbour', action: 'flush' }, [network, sandbox]],
  ])('about %s is of its network, or of the sandbox that the port is of', (_what, event, scopes) => {
    expect(suspectsInside(model, network, { name: 'x', ...event })).toEqual(scopes);
    expect(suspectsInside(model, 'network:gone', { name: 'x', ...event, alias: '' })).toEqual([]);
  });

  it('of a sandbox is of that one, while it is there', () => {
    const event: KernelEvent = { subject: 'firewall', action: 'del', name: 'inet seaway-policy' };
    expect(suspectsInside(model, sandboxId, event)).toEqual([sandbox]);
    expect(suspectsInside(model, '5'.repeat(64), event)).toEqual([]);
  });
});
