/** Encrypted overlay networks over two hosts, by the kernel's WireGuard or wireguard-go. */
import { spawnSync } from 'node:child_process';
import { renameSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import { tunnelKey } from '../../src/engine/tunnel-key.ts';
import { hear, openHosts, type Running } from './overlay-rig.ts';
import { uplink } from './rig.ts';

const has = (program: string): boolean => spawnSync(program, ['--version']).status === 0;
const isThere = has('wg') && has('wireguard-go');
const answered = ' 0% packet loss';

describe.skipIf(!isThere)(isThere ? 'an encrypted network' : 'without wg and wireguard-go: skipped', () => {
  const { rig, a, b, share } = openHosts();
  const pools = [{ subnet: '10.7.0.0/24', auxAddresses: {} }];
  const net = a.network('secret', {
    options: { encrypted: '' },
    ipam: { driver: '', options: {}, pools },
  });
  let one: Running;
  let two: Running;
  const ping = (...more: readonly string[]): string =>
    rig.run(one.path, 'busybox', 'ping', '-c1', '-W1', ...more, two.addresses[0] ?? '');
  const wg = (where: 'host' | 'outside'): string =>
    rig
      .ip(where, 'link')
      .flatMap(({ ifname }) => (String(ifname).startsWith('wg-') ? [String(ifname)] : []))[0] ?? '';
  const counted = (): Record<string, number> =>
    Object.fromEntries(
      Array.from(
        rig.run('outside', 'nft', 'list', 'counters').matchAll(/counter (\w+) \{\s*packets (\d+)/g),
        ([, name = '', packets]) => [name, Number(packets)],
      ),
    );

  test('connects containers, with packets of full size, and nothing of it in clear on the wire', async () => {
    rig.run('outside', 'nft', countClear);
    await share();
    one = await a.run('one', net);
    await share();
    two = await b.run('two', net);
    await share();
    for (const host of [a, b]) await host.reconciler.convergeFirewall();
    // the first packets begin a session
    await vi.waitFor(() => expect(ping()).toContain(answered), { timeout: 15_000 });
    expect(net.overlay?.mtu).toBe(1370);
    expect(ping('-s', '1342')).toContain(answered);
    expect(counted()).toMatchObject({ clear: 0 });
    expect(counted().sealed).toBeGreaterThan(0);
    for (const host of [a, b]) {
      const before = host.lines.length;
      await host.reconciler.convergeNetwork(net.id);
      expect(host.lines.slice(before)).toEqual([]);
    }
  });

  test('takes no frame in clear, not even from the other host', async () => {
    rig.run('host', 'nft', countTaken);
    // its own rules would not let it go
    rig.run('outside', 'ip6tables', '-t', 'raw', '-F', 'OUTPUT');
    const frame = [process.execPath, '-e', clearFrame, uplink.outside, uplink.address];
    rig.run('outside', ...frame);
    await b.reconciler.convergeFirewall();
    expect(rig.run('host', 'nft', 'list', 'counters')).toMatch(/counter arrived \{\s*packets 1 /);
    expect(rig.run('host', 'nft', 'list', 'counters')).toMatch(/counter taken \{\s*packets 0 /);
  });

  test('goes on at once with a new key of a host that was announced', async () => {
    const node = a.model.get('nodes', a.id);
    if (!node) throw new Error('no node');
    const next = `${a.keyFile}.next`;
    const { public: nextKey } = tunnelKey(next);
    await hear(b, { ...node, nextKey });
    expect(ping()).toContain(answered);
    const traffic = rig.start(one.path, 'busybox', 'ping', '-i', '0.2', two.addresses[0] ?? '');
    renameSync(next, a.keyFile);
    const said = { ...node, key: nextKey };
    await hear(a, said);
    // its handshake is taken before the other host knows that the key is in use
    const sealed = (): string => rig.run('outside', 'wg', 'show', 'all', 'latest-handshakes');
    const handshake = new RegExp(`${nextKey.replaceAll(/[+/=]/g, '\\$&')}\\t[1-9]`);
    await vi.waitFor(() => expect(sealed()).toMatch(handshake), { timeout: 10_000 });
    await hear(b, said);
    expect(ping()).toContain(answered);
    traffic.stop();
    expect(counted()).toMatchObject({ clear: 0 });
  });

  test('sends nothing in clear with the link down, with a key that is wrong, or with the link deleted', async () => {
    const link = wg('host');
    rig.run('host', 'ip', 'link', 'set', link, 'down');
    expect(() => ping()).toThrow();
    expect(counted()).toMatchObject({ clear: 0 });
    rig.run('host', 'ip', 'link', 'del', link);
    expect(() => ping()).toThrow();
    // without the barrier either, the firewall is left
    rig.run('host', 'ip', '-6', 'route', 'del', 'blackhole', 'fd5e:a3a1:7e11::/48');
    expect(() => ping()).toThrow();
    expect(counted()).toMatchObject({ clear: 0 });
    await a.reconciler.convergeNetwork(net.id);
    await vi.waitFor(() => expect(ping()).toContain(answered), { timeout: 15_000 });
    expect(counted()).toMatchObject({ clear: 0 });
    const wrong = rig.run('host', 'wg', 'genkey').trim();
    rig.run('host', 'sh', '-c', `echo ${wrong} | wg set ${wg('host')} private-key /dev/stdin`);
    expect(() => ping()).toThrow();
    expect(counted()).toMatchObject({ clear: 0 });
    // what a link has is believed for two seconds
    await vi.waitFor(
      async () => {
        await a.reconciler.restoreNetwork(net.id);
        expect(ping()).toContain(answered);
      },
      { timeout: 20_000, interval: 500 },
    );
    expect(counted()).toMatchObject({ clear: 0 });
  });

  test('leaves nothing on a host without a container on it', async () => {
    await a.end(one);
    await b.end(two);
    expect([wg('host'), wg('outside')]).toEqual(['', '']);
    for (const where of ['host', 'outside'] as const)
      expect(rig.run(where, 'ip', '-6', 'route')).not.toContain('fd5e:a3a1:7e11');
  });
});

/** What arrives at the other host: of WireGuard, and what could be a frame in clear. */
const countClear = `
  table netdev seen {
    counter sealed {}
    counter clear {}
    chain arrived {
      type filter hook ingress device up1 priority 0;
      udp dport 7946 counter name sealed accept
      udp dport { 4789, 4790 } counter name clear
      ip6 daddr fd5e:a3a1:7e11::/48 counter name clear
    }
  }`;

/** Frames in clear before and after the engine's rules. */
const countTaken = `
  table ip6 taken {
    counter arrived {}
    counter taken {}
    chain before {
      type filter hook prerouting priority -400;
      udp dport 4790 iifname "up0" counter name arrived
    }
    chain after {
      type filter hook input priority 100;
      udp dport 4790 iifname "up0" counter name taken
    }
  }`;

const clearFrame = `
  const socket = require('node:dgram').createSocket('udp6');
  socket.bind(0, '${uplink.outside6}', () => socket.send(Buffer.alloc(64), 4790, '${uplink.address6}', () => socket.close()));
`;
