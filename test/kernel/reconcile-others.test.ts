import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { endpoint, modelOf, network, pool, sandbox } from '../golden/plans/world.ts';
import { hostLinks, lastStateFile, openBoxes, pair, reconcilerOn } from './reconcile-rig.ts';
import { uplink } from './rig.ts';

describe('what is not ours', () => {
  const { rig, kernel } = openBoxes();

  test('a bridge that was there before is used, and stays', async () => {
    rig.run('host', 'ip', 'link', 'add', 'br-mine', 'type', 'bridge');
    rig.run('host', 'ip', 'addr', 'add', '10.1.1.1/24', 'dev', 'br-mine');
    const mine = network('mine', {
      options: { 'com.docker.network.bridge.name': 'br-mine', 'com.docker.network.driver.mtu': '1400' },
      pools: [pool('10.2.2.0/24', '10.2.2.1')],
    });
    const model = modelOf({ networks: [mine] });
    const reconciler = reconcilerOn(kernel, model, rig);
    await reconciler.convergeNetwork(mine.id);
    const shown = rig.run('host', 'ip', 'addr', 'show', 'br-mine');
    expect(shown).toContain('inet 10.1.1.1/24');
    expect(shown).toContain('inet 10.2.2.1/24');
    expect(shown).toContain('mtu 1500');
    model.apply([{ table: 'networks', remove: mine.id }]);
    await reconciler.convergeNetwork(mine.id);
    await reconciler.sweep();
    expect(rig.run('host', 'ip', 'addr', 'show', 'br-mine')).toContain('inet 10.1.1.1/24');
    rig.run('host', 'ip', 'link', 'del', 'br-mine');
  });

  test('a link of another type is not replaced, and the error names it', async () => {
    const taken = network('taken', {
      options: { 'com.docker.network.bridge.name': uplink.name },
      pools: [pool('10.2.2.0/24', '10.2.2.1')],
    });
    const reconciler = reconcilerOn(kernel, modelOf({ networks: [taken] }), rig);
    await expect(reconciler.convergeNetwork(taken.id)).rejects.toThrow(
      `create link "${uplink.name}": one that is not the engine's is there already`,
    );
    expect(rig.run('host', 'ip', 'addr', 'show', uplink.name)).toContain(uplink.address);
    expect(reconciler.status()[0]?.error).toContain(uplink.name);
  });
});

describe('macvlan', () => {
  const { rig, kernel } = openBoxes();

  test('a sandbox is on the physical link with its own MAC address and the real gateway', async () => {
    const pub = network('pub', {
      driver: 'macvlan',
      options: { parent: uplink.name },
      pools: [pool('198.51.100.0/24', uplink.outside)],
    });
    const box = sandbox('m', { path: `${rig.path('boxes')}/m` });
    const end = endpoint({ network: pub, sandbox: box }, { addresses: ['198.51.100.70/24'] });
    const model = modelOf({ networks: [pub], sandboxes: [{ ...box, gateway4: end.id }], endpoints: [end] });
    const lines: string[] = [];
    const reconciler = reconcilerOn(kernel, model, rig, lines);
    await reconciler.convergeNetwork(pub.id);
    await reconciler.convergeSandbox(box.id);
    expect(rig.run('outside', 'busybox', 'ping', '-c1', '-W2', '198.51.100.70')).toContain(' 0% packet loss');
    expect(rig.run('outside', 'ip', 'neigh', 'show', '198.51.100.70')).toContain(end.mac);
    expect(rig.run(box.path, 'ip', 'route')).toContain(`default via ${uplink.outside} dev eth0`);
    const before = lines.length;
    await reconciler.convergeSandbox(box.id);
    expect(lines).toHaveLength(before);
    model.apply([{ table: 'endpoints', remove: end.id }]);
    await reconciler.convergeSandbox(box.id);
    expect(rig.run(box.path, 'ip', 'link')).not.toContain('eth0');
    model.apply([
      { table: 'sandboxes', remove: box.id },
      { table: 'networks', remove: pub.id },
    ]);
    await reconciler.convergeSandbox(box.id);
    await reconciler.convergeNetwork(pub.id);
    expect(rig.run('host', 'ip', 'link')).toContain(uplink.name);
    await reconciler.close();
  });

  test('what the kernel lacks is named', async () => {
    const alone = network('alone', { driver: 'macvlan', internal: true, pools: [pool('10.5.0.0/24')] });
    const reconciler = reconcilerOn(kernel, modelOf({ networks: [alone] }), rig);
    const result = await reconciler.convergeNetwork(alone.id).catch((error: unknown) => error);
    if (result instanceof Error) expect(result.message).toContain('the kernel lacks dummy');
    else expect(hostLinks(rig)).toEqual([alone.link]);
  });
});

describe('a namespace that somebody else made', () => {
  const { rig, kernel } = openBoxes();

  test('is joined, and left as it was', async () => {
    const { web } = pair(rig);
    const model = modelOf({ networks: [web] });
    const path = rig.path('external');
    rig.run('host', 'ip', 'netns', 'add', path.split('/').at(-1) ?? '');
    rig.run(path, 'ip', 'link', 'add', 'own0', 'type', 'bridge');
    const box = sandbox('f', { kind: 'external', path });
    const end = endpoint({ network: web, sandbox: box }, { addresses: ['172.30.0.9/16'], order: 3 });
    model.apply([
      { table: 'sandboxes', put: box },
      { table: 'endpoints', put: end },
    ]);
    const reconciler = reconcilerOn(kernel, model, rig);
    await reconciler.convergeNetwork(web.id);
    await reconciler.convergeSandbox(box.id);
    expect(rig.run(path, 'busybox', 'ping', '-c1', '-W2', '172.30.0.1')).toContain(' 0% packet loss');
    model.apply([
      { table: 'endpoints', remove: end.id },
      { table: 'sandboxes', remove: box.id },
    ]);
    await reconciler.convergeSandbox(box.id);
    const left = rig.run(path, 'ip', '-br', 'link');
    expect(left).toContain('own0');
    expect(left).not.toContain('eth3');
    expect(hostLinks(rig)).toEqual([web.link]);
    await reconciler.close();
  });
});

describe('the firewall', () => {
  const { rig, kernel } = openBoxes();

  test('is one more scope: rules once, forwarding behind a policy, nothing to do the second time', async () => {
    const world = pair(rig);
    const lines: string[] = [];
    const reconciler = reconcilerOn(kernel, world.model, rig, lines);
    await reconciler.convergeNetwork(world.web.id);
    await Promise.all([1, 2, 3].map(() => reconciler.convergeFirewall()));
    expect(lines.filter((line) => line.includes('act=restore'))).toHaveLength(2);
    expect(rig.run('host', 'iptables', '-S', 'FORWARD')).toContain('-P FORWARD DROP');
    expect(rig.run('host', 'sysctl', '-n', 'net.ipv4.ip_forward').trim()).toBe('1');
    expect(rig.run('host', 'sysctl', '-n', 'net.ipv6.conf.all.forwarding').trim()).toBe('1');
    lines.length = 0;
    await reconciler.convergeFirewall();
    expect(lines).toEqual([]);
    rig.run('host', 'iptables', '-F', 'FORWARD');
    await reconciler.convergeFirewall();
    expect(lines).toHaveLength(1);
    await reconciler.close();
  });

  test('a state file that is cut off is no obstacle', async () => {
    const world = pair(rig);
    const reconciler = reconcilerOn(kernel, world.model, rig);
    writeFileSync(lastStateFile(), '{"owned":');
    await reconciler.convergeFirewall();
    expect(rig.run('host', 'iptables', '-S', 'FORWARD')).toContain('-P FORWARD DROP');
  });
});
