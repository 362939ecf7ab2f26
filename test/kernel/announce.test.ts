/**
 * An address that passes from one sandbox to another, at another MAC, is reached at once by neighbours that spoke
 * with the first one. That their entries are real ones, a moment old, matters: the kernel keeps what it
 * has learnt in the last second (locktime) against other replies, and trusts it for half a minute.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Address } from '../../src/kernel/kernel.ts';
import { network, pool } from '../golden/plans/world.ts';
import { openRig, uplink } from './rig.ts';
import { openTurns } from './turns-rig.ts';

const wrong = '02:99:00:00:00:01';

describe('on a bridge', () => {
  const turns = openTurns({
    on: network('web', {
      enableIPv6: true,
      pools: [pool('172.30.0.0/16', '172.30.0.1'), pool('fd00:30::/64', 'fd00:30::1')],
    }),
    addresses: ['172.30.0.5/16', 'fd00:30::5/64'],
    witness: ['172.30.0.9/16', 'fd00:30::9/64'],
    speaker: 'host',
  });
  const { rig, first, second } = turns;

  test('the host and another sandbox reach who has the address now by their first packet', async () => {
    await turns.begin();
    await turns.leave();
    expect(turns.known()).toEqual([first.end.mac]);
    await turns.follow();
    const up = performance.now();
    turns.reach();
    // before anything was announced again
    expect(performance.now() - up).toBeLessThan(900);
    expect(turns.known()).toEqual([second.end.mac]);
  });

  test('every announcement is traced', () => {
    for (const address of second.end.addresses)
      expect(turns.lines).toContain(
        `scope=sandbox:${second.box.id} act=announce kind=address key=eth0/${address} mac=${second.end.mac}`,
      );
  });

  test('the second one may speak at once, by IPv6 too: its addresses are not tentative', () => {
    for (const to of ['172.30.0.1', 'fd00:30::1', '172.30.0.9', 'fd00:30::9'])
      expect(rig.run(second.box.path, 'busybox', 'ping', '-c1', '-W1', to)).toContain(' 0% packet loss');
    const shown = rig.run(second.box.path, 'ip', '-6', 'addr', 'show', 'dev', 'eth0', 'scope', 'global');
    expect(shown).toContain('fd00:30::5/64');
    expect(shown).not.toMatch(/tentative|optimistic|dadfailed/);
  });

  test('it is announced again a second later, and by nobody who had the address before', async () => {
    const bridge = rig.ip('host', 'link', 'show', 'type', 'bridge')[0]?.ifname;
    const spoil = ['nud', 'reachable', 'lladdr', wrong, 'dev', String(bridge)];
    for (const address of ['172.30.0.5', 'fd00:30::5'])
      rig.run('host', 'ip', 'neigh', 'replace', address, ...spoil);
    expect(turns.known()).toContain(wrong);
    await pause(2300);
    expect(turns.known()).toEqual([second.end.mac]);
  });

  test('nothing is announced by a link whose neighbours go without ARP', async () => {
    rig.run(second.box.path, 'ip', 'link', 'set', 'eth0', 'arp', 'off');
    rig.run(second.box.path, 'ip', 'addr', 'del', '172.30.0.5/16', 'dev', 'eth0');
    const before = turns.lines.length;
    await turns.follow();
    expect(turns.lines.slice(before)).toEqual([expect.stringContaining('act=make kind=address')]);
    rig.run(second.box.path, 'ip', 'link', 'set', 'eth0', 'arp', 'on');
  });

  test('a MAC that somebody has changed is put back, and announced', async () => {
    rig.run(second.box.path, 'ip', 'link', 'set', 'eth0', 'address', wrong);
    rig.run(second.box.path, 'busybox', 'ping', '-c1', '-W1', '172.30.0.1');
    await turns.follow();
    turns.reach();
    expect(turns.known()).toEqual([second.end.mac]);
  });
});

describe('on macvlan', () => {
  const turns = openTurns({
    on: network('pub', {
      driver: 'macvlan',
      enableIPv6: true,
      options: { parent: uplink.name },
      pools: [pool('198.51.100.0/24', uplink.outside), pool('2001:db8:51::/64', uplink.outside6)],
    }),
    addresses: ['198.51.100.70/24', '2001:db8:51::70/64'],
    witness: ['198.51.100.71/24', '2001:db8:51::71/64'],
    speaker: 'outside',
  });

  test('a machine beyond the uplink and another sandbox reach who has the address now', async () => {
    await turns.begin();
    await turns.leave();
    expect(turns.known()).toEqual([turns.first.end.mac]);
    await turns.follow();
    turns.reach();
    expect(turns.known()).toEqual([turns.second.end.mac]);
  });
});

describe('as often as its network has it', () => {
  const on = (count: string, interval: string) =>
    openTurns({
      on: network('web', {
        options: {
          'com.docker.network.advertise_addr_nmsgs': count,
          'com.docker.network.advertise_addr_ms': interval,
        },
        pools: [pool('172.30.0.0/16', '172.30.0.1')],
      }),
      addresses: ['172.30.0.5/16'],
      witness: ['172.30.0.9/16'],
      speaker: 'host',
    });
  const twice = on('2', '100');
  const never = on('0', '1000');

  /** Counts the announcements that the witness hears from now on. */
  const listen = ({ rig, witness, second }: typeof twice): (() => number) => {
    const nft = (...command: readonly string[]): string => rig.run(witness.box.path, 'nft', ...command);
    nft('add table arp heard');
    nft('add chain arp heard in { type filter hook input priority 0; }');
    nft(`add rule arp heard in arp daddr ip 172.30.0.5 arp saddr ether ${second.end.mac} counter`);
    return () => Number(/packets (\d+)/.exec(nft('list table arp heard'))?.[1]);
  };

  test('an address is announced two times, a tenth of a second apart', async () => {
    await twice.begin();
    await twice.leave();
    const heard = listen(twice);
    await twice.follow();
    expect(heard()).toBe(1);
    await pause(400);
    expect(heard()).toBe(2);
    expect(twice.known()).toEqual([twice.second.end.mac]);
  });

  test('or not at all: who knew the first one goes on sending there', async () => {
    await never.begin();
    await never.leave();
    const heard = listen(never);
    await never.follow();
    await pause(400);
    expect(heard()).toBe(0);
    expect(never.known()).toEqual([never.first.end.mac]);
  });
});

describe('one announcement', () => {
  const rig = openRig();
  const kernel = rig.kernel();
  const path = rig.path('box');
  kernel.createNamespace(path);
  const box = kernel.openNamespace(path);
  kernel.host.route.createLink({
    type: 'veth',
    name: 'v0',
    up: true,
    peer: { name: 'eth0', mac: '02:42:00:00:00:05', up: true, namespace: box },
  });
  const outer = kernel.host.route.findLink('v0')?.index ?? 0;
  const inner = { index: box.route.findLink('eth0')?.index ?? 0, mac: '02:42:00:00:00:05' };
  const addresses: readonly Address[] = [
    { link: outer, address: '172.30.0.1/16', scope: 'global' },
    { link: outer, address: 'fd00:30::1/64', scope: 'global', nodad: true },
  ];
  for (const address of addresses) kernel.host.route.addAddress(address);

  test.for([
    ['172.30.0.5', 'reachable'],
    ['172.30.0.5', 'stale'],
    ['fd00:30::5', 'reachable'],
    ['fd00:30::5', 'stale'],
  ] as const)('replaces what was learnt of %s this moment and is %s', ([address, state]) => {
    // 1/100 s: an hour, in which the kernel takes no other reply for an entry
    rig.run('host', 'sysctl', '-qw', 'net.ipv4.neigh.v0.locktime=360000');
    rig.run('host', 'ip', 'neigh', 'replace', address, 'lladdr', wrong, 'dev', 'v0', 'nud', state);
    expect(box.announce(inner, address)).toBe(true);
    expect(rig.ip('host', 'neigh', 'show', address)[0]?.lladdr).toBe(inner.mac);
  });

  test('an entry that somebody set for good stays', () => {
    rig.run('host', 'ip', 'neigh', 'replace', '172.30.0.6', 'lladdr', wrong, 'dev', 'v0', 'nud', 'permanent');
    expect(box.announce(inner, '172.30.0.6')).toBe(true);
    expect(rig.ip('host', 'neigh', 'show', '172.30.0.6')[0]?.lladdr).toBe(wrong);
  });

  test('is not sent where nobody can hear it: by a link without a carrier, down, or gone', () => {
    rig.run('host', 'ip', 'link', 'set', 'v0', 'down');
    expect(box.announce(inner, '172.30.0.5')).toBe(false);
    rig.run(path, 'ip', 'link', 'set', 'eth0', 'down');
    expect(box.announce(inner, '172.30.0.5')).toBe(false);
    expect(box.announce({ ...inner, index: 9999 }, '172.30.0.5')).toBe(false);
  });
});
