/** Overlay networks over two hosts, with real packets between their containers. */
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { networkNamespace } from '../../src/objects/namespace-ref.ts';
import { openHosts, type Running } from './overlay-rig.ts';
import { hostLinks } from './reconcile-rig.ts';
import { firewallBackend, type Rig, uplink, type Where } from './rig.ts';

const bridgeOf = (boxes: string, network: { readonly id: string }): string =>
  `${boxes}/net-${network.id.slice(0, 12)}`;
const ping = (rig: Rig, from: Where, to: string, ...more: readonly string[]): string =>
  rig.run(from, 'busybox', 'ping', '-c1', '-W2', ...more, to);
const answered = ' 0% packet loss';

describe('two hosts with an overlay network', () => {
  const { rig, a, b, share } = openHosts();
  const pools = ['10.0.0.0/24', 'fd00:5::/64'].map((subnet) => ({ subnet, auxAddresses: {} }));
  const net = a.network('over', { enableIPv6: true, ipam: { driver: '', options: {}, pools } });
  let one: Running;
  let two: Running;

  test('have nothing of it while no container is on it, nor where none is', async () => {
    await share();
    one = await a.run('one', net);
    await share();
    expect(a.kernel.listNamespaces(a.boxes)).toContain(bridgeOf(a.boxes, net));
    expect(b.kernel.listNamespaces(b.boxes)).toEqual([]);
    await b.reconciler.convergeNetwork(net.id);
    expect(b.kernel.listNamespaces(b.boxes)).toEqual([]);
  });

  test('connect their containers by both families, with packets of full size', async () => {
    two = await b.run('two', net);
    await share();
    expect([one.addresses, two.addresses]).toEqual([
      ['10.0.0.2', 'fd00:5::2'],
      ['10.0.0.3', 'fd00:5::3'],
    ]);
    for (const to of two.addresses) expect(ping(rig, one.path, to)).toContain(answered);
    for (const to of one.addresses) expect(ping(rig, two.path, to)).toContain(answered);
    expect(ping(rig, one.path, '10.0.0.3', '-s', '1422')).toContain(answered);
    for (const gateway of ['10.0.0.1', 'fd00:5::1']) expect(ping(rig, one.path, gateway)).toContain(answered);
    for (const host of [a, b]) {
      const before = host.lines.length;
      await host.reconciler.convergeNetwork(net.id);
      expect(host.lines.slice(before)).toEqual([]);
      expect(hostLinks(rig).filter((name) => /veth|br|vx/.test(name))).toEqual([]);
    }
  });

  test('put nothing on the wire but frames from one container to another', async () => {
    rig.run('outside', 'nft', countFrames);
    const counted = (): Record<string, number> =>
      Object.fromEntries(
        Array.from(
          rig.run('outside', 'nft', 'list', 'counters').matchAll(/counter (\w+) \{\s*packets (\d+)/g),
          ([, name = '', packets]) => [name, Number(packets)],
        ),
      );
    expect(ping(rig, one.path, '10.0.0.3')).toContain(answered);
    const before = counted();
    expect(before.frames).toBeGreaterThan(0);
    // nobody is there, and nobody who is there is asked
    for (const to of ['10.0.0.77', 'fd00:5::77']) expect(() => ping(rig, one.path, to)).toThrow();
    rig.run(one.path, 'ip', 'neigh', 'flush', 'all');
    expect(ping(rig, one.path, '10.0.0.3')).toContain(answered);
    const after = counted();
    expect(after.frames).toBe((before.frames ?? 0) + 1);
    expect([after.group, after.others]).toEqual([0, 0]);
  });

  test('let no container reach its host, by whatever route or address it makes up', () => {
    rig.run('host', 'sysctl', '-qw', 'net.ipv4.conf.all.rp_filter=0');
    const listener = rig.start('host', 'busybox', 'nc', '-l', '-p', '7777');
    const link = rig.ip(bridgeOf(a.boxes, net), 'addr', 'show', 'br0')[0];
    const mac = String(link?.address);
    expect(JSON.stringify(link?.addr_info)).not.toContain('fe80::');
    rig.run(one.path, 'ip', 'route', 'replace', uplink.address, 'dev', 'eth0');
    rig.run(one.path, 'ip', 'neigh', 'replace', uplink.address, 'lladdr', mac, 'dev', 'eth0');
    rig.run(one.path, 'ip', 'route', 'replace', '203.0.113.0/24', 'via', '10.0.0.1');
    const reach = (to: string) => rig.run(one.path, 'busybox', 'nc', '-w1', to, '7777', '-e', 'true');
    for (const to of [uplink.address, '10.0.0.1', 'fd00:5::1']) expect(() => reach(to)).toThrow();
    expect(() => ping(rig, one.path, '203.0.113.1')).toThrow();
    rig.run(one.path, 'ip', 'route', 'del', '203.0.113.0/24');
    rig.run(one.path, 'ip', 'route', 'del', uplink.address);
    listener.stop();
  });

  test('tell of a MAC address that a container makes up, and learn it nowhere', () => {
    const made = '02:66:66:66:66:66';
    const inside = a.reconciler.namespaceOf(networkNamespace(net.id));
    const [endpoint] = a.model.endpointsOfNetwork(net.id);
    const port = inside.route.findLink(endpoint?.hostLink ?? '')?.index ?? 0;
    expect(inside.learnedBehind(port)).toEqual([one.mac]);
    rig.run(one.path, 'ip', 'link', 'set', 'eth0', 'address', made);
    expect(ping(rig, one.path, '10.0.0.1')).toContain(answered);
    expect([...inside.learnedBehind(port)].sort()).toEqual([one.mac, made].sort());
    expect(() => ping(rig, two.path, '10.0.0.2')).toThrow();
    expect(rig.run(bridgeOf(b.boxes, net), 'bridge', 'fdb', 'show', 'dev', 'vxlan0')).not.toContain(
      `${made} dst`,
    );
    rig.run(one.path, 'ip', 'link', 'set', 'eth0', 'address', one.mac);
    expect(ping(rig, one.path, '10.0.0.3')).toContain(answered);
  });

  test('are not kept apart by another program that drops what is forwarded', () => {
    for (const where of ['host', 'outside'] as const) rig.run(where, 'nft', dropForwarded);
    expect(ping(rig, one.path, '10.0.0.3')).toContain(answered);
    for (const where of ['host', 'outside'] as const) rig.run(where, 'nft', 'delete table inet other');
  });

  test('take no frame from a machine that is no host of the cluster', async () => {
    await a.reconciler.convergeFirewall();
    expect(ping(rig, one.path, '10.0.0.3')).toContain(answered);
    rig.run('outside', 'ip', 'addr', 'add', '198.51.100.77/24', 'dev', 'up1');
    rig.run(one.path, 'nft', countInjected);
    const seen = (): string => rig.run(one.path, 'nft', 'list', 'counters');
    const inject = (from: string) =>
      rig.run('outside', process.execPath, '-e', injection, from, uplink.address, one.mac);
    inject('198.51.100.77');
    inject(uplink.outside);
    await vi.waitFor(() => expect(seen()).toMatch(/counter known \{\s*packets 1 /), { timeout: 5000 });
    expect(seen()).toMatch(/counter unknown \{\s*packets 0 /);
  });

  test('reach who has taken over an address on the other host at once', async () => {
    const speaker = await a.run('speaker', net);
    await share();
    for (const to of two.addresses) expect(ping(rig, speaker.path, to)).toContain(answered);
    // the kernel trusts what it has just been told
    await b.end(two);
    await share();
    const here = await a.run('here', net, { ipv4: '10.0.0.3', ipv6: 'fd00:5::3' });
    await share();
    for (const to of here.addresses) expect(ping(rig, speaker.path, to)).toContain(answered);
    await a.end(here);
    await share();
    two = await b.run('again', net, { ipv4: '10.0.0.3', ipv6: 'fd00:5::3' });
    await share();
    const told = performance.now();
    for (const to of two.addresses) expect(ping(rig, speaker.path, to)).toContain(answered);
    expect(performance.now() - told).toBeLessThan(1000);
    await a.end(speaker);
    await share();
  });

  test('get it back where it is taken away, and the engine finds it again', async () => {
    await a.kernel.removeNamespace(bridgeOf(a.boxes, net));
    await a.reconciler.close();
    await vi.waitFor(() => a.reconciler.convergeNetwork(net.id), { timeout: 10_000, interval: 100 });
    await a.reconciler.convergeSandbox(one.id);
    expect(ping(rig, one.path, '10.0.0.3')).toContain(answered);
    expect(await a.reconciler.sweep()).toBe(0);
  });

  test('have nothing left of it once the last container has gone', async () => {
    await a.end(one);
    expect(a.kernel.listNamespaces(a.boxes)).toEqual([]);
    // its address is given up in the store only then
    expect(a.agreed.filter((line) => line.startsWith(one.id)).at(-1)).toBe(`${one.id} gone`);
    await b.end(two);
    expect(b.kernel.listNamespaces(b.boxes)).toEqual([]);
    const [list, tunnel] =
      firewallBackend === 'nftables'
        ? ([['nft', 'list', 'chains'], 'chain tunnel {'] as const)
        : ([['iptables-save', '-t', 'raw'], 'SEAWAY-TUNNEL'] as const);
    expect(rig.run('host', ...list)).toContain(tunnel);
    a.model.apply([{ table: 'nodes', remove: 'a' }]);
    await a.reconciler.convergeFirewall();
    expect(rig.run('host', ...list)).not.toContain(tunnel);
  });
});

describe('an overlay network of several subnets, over IPv6', () => {
  const { rig, a, b, share } = openHosts({ over: 6 });
  const pools = ['10.1.0.0/24', '10.2.0.0/24'].map((subnet) => ({ subnet, auxAddresses: {} }));
  const net = a.network('many', { ipam: { driver: '', options: {}, pools } });

  test('connects containers of all of its subnets, on one host and on two', async () => {
    await share();
    const one = await a.run('one', net);
    const two = await a.run('two', net, { ipv4: '10.2.0.9' });
    const three = await b.run('three', net, { ipv4: '10.2.0.10' });
    await share();
    expect(net.overlay?.mtu).toBe(1430);
    for (const to of ['10.2.0.9', '10.2.0.10', '10.2.0.1'])
      expect(ping(rig, one.path, to)).toContain(answered);
    for (const from of [two, three]) expect(ping(rig, from.path, '10.1.0.2')).toContain(answered);
    expect(ping(rig, three.path, '10.1.0.2', '-s', '1402')).toContain(answered);
    await a.reconciler.convergeFirewall();
    expect(ping(rig, three.path, '10.1.0.2')).toContain(answered);
  });
});

describe('an overlay network with very many containers on another host', () => {
  const { rig, a, share } = openHosts();
  const pools = [{ subnet: '10.3.0.0/16', auxAddresses: {} }];
  const net = a.network('big', { ipam: { driver: '', options: {}, pools } });

  test('waits for its VXLAN identifier, which a namespace that is being destroyed may still have', async () => {
    const id = String(net.overlay?.vnis[0]);
    rig.run('host', 'ip', 'link', 'add', 'left', 'type', 'vxlan', 'id', id, 'dstport', '4789');
    const gone = delay(300).then(() => rig.run('host', 'ip', 'link', 'del', 'left'));
    await share();
    const { path } = await a.run('first', net);
    await gone;
    expect(rig.run(path, 'ip', '-br', 'address')).toContain('10.3.0.2/16');
  });

  test('leaves the engine time for others while it learns of them', { timeout: 300_000 }, async () => {
    await share();
    await a.run('one', net);
    const two = (number: number): string => number.toString(16).padStart(2, '0');
    a.model.apply(
      Array.from({ length: 3000 }, (_, i) => ({
        table: 'peers',
        put: {
          ...{ id: `${i}`.padStart(64, '0'), networkId: net.id, nodeId: 'b', name: '', dnsNames: [] },
          addresses: [`10.3.${10 + (i >> 8)}.${i & 255}/16`],
          mac: `02:0b:00:00:${two(i >> 8)}:${two(i & 255)}`,
        },
      })),
    );
    let turns = 0;
    const others = setInterval(() => turns++, 1);
    await a.reconciler.convergeNetwork(net.id, { sandboxes: false });
    clearInterval(others);
    expect(turns).toBeGreaterThan(10);
    expect(await a.reconciler.convergeNetwork(net.id, { sandboxes: false })).toBe(0);
  });
});

/** What arrives at the other host: frames in tunnels, those among them to more than one, and what is no tunnel. */
const countFrames = `
  table netdev seen {
    counter frames {}
    counter group {}
    counter others {}
    chain arrived {
      type filter hook ingress device up1 priority 0;
      udp dport 4789 @th,135,1 1 counter name group
      udp dport 4789 counter name frames accept
      ether type arp accept
      icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit, mld2-listener-report } accept
      counter name others
    }
  }`;

const dropForwarded = `
  table inet other {
    chain forward {
      type filter hook forward priority 10; policy drop;
    }
  }`;

/** Frames that were injected, by whether their sender is a host of the cluster. */
const countInjected = `
  table netdev seen {
    counter known {}
    counter unknown {}
    chain arrived {
      type filter hook ingress device eth0 priority 0;
      ether type 0x88b5 @ll,112,8 1 counter name known
      ether type 0x88b5 @ll,112,8 77 counter name unknown
    }
  }`;

/** A frame by VXLAN, from one address of the other host: `node -e injection FROM TO MAC`. */
const injection = `
  const [from, to, mac] = process.argv.slice(1);
  const bytes = (text) => text.split(':').map((part) => Number.parseInt(part, 16));
  const head = [8, 0, 0, 0, 0, 1, 0, 0];
  const frame = [...bytes(mac), ...bytes('02:66:66:66:66:66'), 0x88, 0xb5, Number(from.split('.')[3]), ...new Array(45).fill(0)];
  const socket = require('node:dgram').createSocket('udp4');
  socket.bind(0, from, () => socket.send(Buffer.from([...head, ...frame]), 4789, to, () => socket.close()));
`;
