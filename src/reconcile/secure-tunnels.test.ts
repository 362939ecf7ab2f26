import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { network, nodes } from '../../test/golden/plans/world.ts';
import type { Kernel, Link, Route } from '../kernel/kernel.ts';
import { secureRange } from '../model/secure-tunnels.ts';
import { SecureTunnelsScope } from './secure-tunnels.ts';

/** A host with one link of WireGuard of an earlier run; what is done to it. */
function host(isGuarded: boolean, isUsed: boolean) {
  const done: string[] = [];
  const wg = { shown: '' };
  const left = [{ name: 'wg-old', alias: 'seaway:tunnels' }] as unknown as readonly Link[];
  const route = {
    listLinks: () => left,
    removeLinks: async (names: readonly string[]) => void done.push(`remove ${names.join(' ')}`),
    listRoutes: (): readonly Route[] => [{ destination: secureRange, type: 'blackhole' }],
    removeRoute: ({ destination }: Route) => void done.push(`open ${destination}`),
    replaceRoute: ({ destination }: Route) => void done.push(`close ${destination}`),
    findLink: (): unknown =>
      done.some((line) => line.startsWith('create'))
        ? { index: 7, up: true, alias: 'seaway:tunnels', mtu: 1440 }
        : undefined,
    addAddress: () => undefined,
    changeLink: () => undefined,
  };
  const wireguard = {
    create: async (name: string) => void done.push(`create ${name}`),
    configure: async (_name: string, file: string) => {
      wg.shown = readFileSync(file, 'utf8');
      done.push('configure');
    },
    shown: async () => wg.shown,
  };
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
    ...{
      view: view as never,
      isGuarded,
      configFile: join(tmpdir(), `seaway-wg-${process.pid}`),
      trace: () => undefined,
    },
    privateKey: () => 'key',
  });
  return { scope, done, wg };
}

describe('encrypted networks of a host', () => {
  it('are not begun where the engine makes no rules for them', async () => {
    const { scope, done } = host(false, true);
    await expect(scope.converge()).rejects.toThrow('they need rules of ip6tables');
    expect(done).toEqual(['remove wg-old']);
  });

  it('have their way closed before their link is there', async () => {
    const { scope, done } = host(true, true);
    await scope.converge();
    expect(done.slice(1, 2)).toEqual([`close ${secureRange}`]);
    expect(done[2]).toMatch(/^create wg-/);
  });

  it('leave nothing when no container is on them, and what an earlier run has left goes', async () => {
    const { scope, done } = host(true, false);
    await scope.converge();
    expect(done).toEqual(['remove wg-old', `open ${secureRange}`]);
  });

  it('have their keys again after somebody has changed them, of which the kernel tells nobody', async () => {
    const { scope, done, wg } = host(true, true);
    const clock = vi.spyOn(performance, 'now').mockReturnValue(1_000);
    await scope.converge();
    const before = wg.shown;
    wg.shown = before.replace('PrivateKey = key', 'PrivateKey = another');
    clock.mockReturnValue(60_000);
    expect(await scope.converge()).toBe(1);
    expect([wg.shown, done.filter((line) => line === 'configure').length]).toEqual([before, 2]);
    clock.mockReturnValue(120_000);
    expect(await scope.converge()).toBe(0);
    clock.mockRestore();
  });
});
