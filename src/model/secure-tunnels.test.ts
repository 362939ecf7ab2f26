import { describe, expect, it } from 'vitest';
import { world } from '../../test/model/fixture.ts';
import type { Node } from './node.ts';
import {
  isSameWireguard,
  secureAddress,
  secureEnds,
  secureTunnels,
  wireguardConfig,
} from './secure-tunnels.ts';

const key = (letter: string): string => `${letter.repeat(42)}A=`;
const node = (id: string, more: Partial<Node> = {}): Node => ({
  ...{ id, name: id, advertise: '', data4: `192.0.2.${id}`, instance: '', mtu: 1500, key: key('k') },
  ...more,
});

describe('the WireGuard of encrypted networks', () => {
  /** `on`: nodes with an endpoint on the network; all others by default. */
  const used = (encrypted: boolean, nodes: readonly Node[], on = nodes.map(({ id }) => id)) => {
    const { model, network } = world();
    model.apply(nodes.map((put) => ({ table: 'nodes', put }) as const));
    const net = network('net', { driver: 'overlay', ...(encrypted && { options: { encrypted: 'true' } }) });
    const view = {
      all: model.all.bind(model),
      endpointsOfNetwork: () => [{}] as never,
      peersOfNetwork: () => on.map((nodeId) => ({ nodeId })) as never,
    };
    return { net, tunnels: secureTunnels(view), without: secureTunnels(model) };
  };

  it('has a peer for each host that is on one of its networks, by its data address', () => {
    const { net, tunnels, without } = used(true, [node('1', { here: true }), node('2', { key: key('m') })]);
    expect(net.overlay).toMatchObject({ encrypted: true, mtu: 1370 });
    expect(tunnels).toEqual({
      ...{ link: 'wg-1', address: secureAddress('1'), port: 7946, mtu: 1440 },
      peers: [{ key: key('m'), endpoint: '192.0.2.2:7946', address: secureAddress('2') }],
    });
    expect(without).toBeUndefined();
    expect(tunnels && wireguardConfig(tunnels, 'secret')).toBe(
      `[Interface]\nPrivateKey = secret\nListenPort = 7946\n\n[Peer]\nPublicKey = ${key('m')}\nEndpoint = 192.0.2.2:7946\nAllowedIPs = ${secureAddress('2')}/128\nPersistentKeepalive = 25\n`,
    );
  });

  it('has none for a host that is on no encrypted network with this one', () => {
    const nodes = [node('1', { here: true }), node('2'), node('3', { key: key('m') })];
    const { tunnels } = used(true, nodes, ['3']);
    expect(tunnels?.peers.map(({ address }) => address)).toEqual([secureAddress('3')]);
  });

  it('takes handshakes of the key that a host is about to have, and nothing more', () => {
    const { tunnels } = used(true, [node('1', { here: true }), node('2', { nextKey: key('n') })]);
    expect(tunnels?.peers).toMatchObject([{ key: key('k'), next: key('n') }]);
    const [, , next] = tunnels ? wireguardConfig(tunnels, 'secret').split('[Peer]') : [];
    expect(next).toBe(`\nPublicKey = ${key('n')}\nEndpoint = 192.0.2.2:7946\n`);
    for (const nextKey of ['x', key('k')])
      expect(
        used(true, [node('1', { here: true }), node('2', { nextKey })]).tunnels?.peers[0],
      ).not.toHaveProperty('next');
  });

  it('is not there for networks in clear', () => {
    expect(used(false, [node('1', { here: true })]).tunnels).toBeUndefined();
  });

  it('is needed on each host', () => {
    const { key: _, ...without } = node('2');
    expect(() => used(true, [node('1', { here: true }), without])).toThrow(
      'an encrypted network needs a WireGuard key of each host, and 2 has none',
    );
  });

  it('leads to no host whose key is none: it would be a line of the configuration', () => {
    const lines = `${key('m')}\nEndpoint = 1.1.1.1:1`;
    expect([...secureEnds([node('2', { key: lines }), node('3', { key: 'x' }), node('4')]).keys()]).toEqual([
      '4',
    ]);
  });
});

describe('the address of a host', () => {
  it('follows from its id, within the prefix, and is written as the kernel writes it', () => {
    expect(secureAddress('a')).toMatch(/^fd5e:a3a1:7e11:([0-9a-f]{1,4}:){4}[0-9a-f]{1,4}$/);
    expect(secureAddress('a')).not.toBe(secureAddress('b'));
  });
});

describe('what wg shows of a link', () => {
  const [one, two] = [key('k'), key('m')];
  const asked = `[Interface]\nPrivateKey = p\nListenPort = 7946\n\n[Peer]\nPublicKey = ${one}\nEndpoint = 192.0.2.2:7946\nAllowedIPs = fd5e::1/128\nPersistentKeepalive = 25\n\n[Peer]\nPublicKey = ${two}\nEndpoint = 192.0.2.2:7946\n`;
  const shown = `[Interface]\nListenPort = 7946\nPrivateKey = p\n\n[Peer]\nPublicKey = ${two}\nEndpoint = 192.0.2.2:7946\n\n[Peer]\nPublicKey = ${one}\nAllowedIPs = fd5e::1/128\nEndpoint = 192.0.2.2:1024\nPersistentKeepalive = 25\n`;

  it('is what was asked for in any order, wherever a peer is now', () => {
    expect(isSameWireguard(asked, shown)).toBe(true);
  });

  it.each<[string, string, string]>([
    ['private key', 'PrivateKey = p', 'PrivateKey = q'],
    ['port', 'ListenPort = 7946', 'ListenPort = 7947'],
    ['mark', 'ListenPort = 7946', 'ListenPort = 7946\nFwMark = 0x1'],
    ['peer', `PublicKey = ${one}`, `PublicKey = ${key('x')}`],
    ['address of a peer', 'AllowedIPs = fd5e::1/128', 'AllowedIPs = fd5e::1/128, ::/0'],
    ['secret of a peer', 'PersistentKeepalive = 25', 'PresharedKey = s\nPersistentKeepalive = 25'],
  ])('is something else with another %s', (_what, from, to) => {
    expect(isSameWireguard(asked, shown.replace(from, to))).toBe(false);
  });
});
