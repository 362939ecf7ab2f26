import { describe, expect, it } from 'vitest';
import { network, nodes } from '../../test/golden/plans/world.ts';
import type { Kernel, Link, Route } from '../kernel/kernel.ts';
import { secureRange } from '../model/secure-tunnels.ts';
import { SecureTunnelsScope } from './secure-tunnels.ts';

/** A host with one link of WireGuard of an earlier run; what is done to it. */
function host(isGuarded: boolean, isUsed: boolean) {
  const done: string[] = [];
  const left = [{ name: 'wg-old', alias: 'seaway:tunnels' }] as unknown as readonly Link[];
  const route = {
    listLinks: () => left,
    removeLinks: async (names: readonly string[]) => void done.push(`remove ${names.join(' ')}`),
    listRoutes: (): readonly Route[] => [{ destination: secureRange, type: 'blackhole' }],
    removeRoute: ({ destination }: Route) => void done.push(`open ${destination}`),
    replaceRoute: ({ destination }: Route) => void done.push(`close ${destination}`),
    findLink: () => undefined,
  };
  const wireguard = { create: async (name: string) => void done.push(`create ${name}`) };
  const net = {
    ...network('secret', { driver: 'overlay' }),
    overlay: { vnis: [256], mtu: 1370, encrypted: true },
  };
  const view = {
    all: (table: string) => (table === 'nodes' ? nodes : [net]),
    endpointsOfNetwork: () => (isUsed ? [{}] : []),
    peersOfNetwork: () => [],
  };
  const scope = new SecureTunnelsScope({
    kernel: { host: { route }, wireguard } as unknown as Kernel,
    ...{ view: view as never, isGuarded, configFile: '/nowhere/file', trace: () => undefined },
    privateKey: () => 'key',
  });
  return { scope, done };
}

describe('encrypted networks of a host', () => {
  it('are not begun where the engine makes no rules for them', async () => {
    const { scope, done } = host(false, true);
    await expect(scope.converge()).rejects.toThrow('they need rules of ip6tables');
    expect(done).toEqual(['remove wg-old']);
  });

  it('have their way closed before their link is there', async () => {
    const { scope, done } = host(true, true);
    await expect(scope.converge()).rejects.toThrow();
    expect(done.slice(1, 2)).toEqual([`close ${secureRange}`]);
    expect(done[2]).toMatch(/^create wg-/);
  });

  it('leave nothing when no container is on them, and what an earlier run has left goes', async () => {
    const { scope, done } = host(true, false);
    await scope.converge();
    expect(done).toEqual(['remove wg-old', `open ${secureRange}`]);
  });
});
