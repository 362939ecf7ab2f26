/** The firewall on a real kernel: scripts converge, packets pass or do not, users' rules stay. */
import { describe, expect, test } from 'vitest';
import {
  type BridgeFamily,
  type BridgeNetwork,
  defaultSettings,
  type FirewallInput,
  type PublishedPort,
} from '../../src/firewall/input.ts';
import { scenarios } from '../golden/firewall/scenarios.ts';
import {
  addBridge,
  addContainer,
  type Bed,
  clear,
  converge,
  hears,
  iptables,
  restore,
  save,
  type Variant,
  works,
} from './firewall-rig.ts';
import { openRig, uplink } from './rig.ts';

const nat = (subnet: string, more: Partial<BridgeFamily> = {}): BridgeFamily => ({
  subnets: [subnet],
  mode: 'nat',
  masquerade: true,
  source: '',
  ...more,
});

const network = (link: string, n: number, more: Partial<BridgeNetwork> = {}): BridgeNetwork => ({
  name: link,
  link,
  internal: false,
  icc: true,
  families: { 4: nat(`172.${n}.0.0/16`), 6: nat(`fd00:${n}::/64`) },
  trusted: [],
  ...more,
});

const port = (more: Partial<PublishedPort> = {}): PublishedPort => ({
  link: 'docker0',
  protocol: 'tcp',
  hostIP: '0.0.0.0',
  hostPort: 8080,
  address: '172.17.0.2',
  containerPort: 80,
  ...more,
});

const input = (more: Partial<FirewallInput> = {}): FirewallInput => ({
  bridges: [network('docker0', 17), network('br-app', 18), network('br-in', 19, { internal: true })],
  ports: [],
  open: [],
  holes: [],
  segments: [],
  settings: defaultSettings,
  ...more,
});

const silence = 'no answer';

describe.each<Variant>(['nft', 'legacy'])('with iptables-%s', (variant) => {
  const bed: Bed = { rig: openRig(), variant, owned: [] };
  const there = works(bed);

  test.skipIf(!there).for([4, 6] as const)('every scenario converges for IPv%d, and back', (family) => {
    for (const scenario of scenarios) converge(bed, scenario.input, family);
    for (const scenario of scenarios.toReversed()) converge(bed, scenario.input, family);
    clear(bed, family);
    const left = save(bed, family);
    expect(left).not.toMatch(/DOCKER|SEAWAY|^-A/m);
  });

  test.skipIf(!there)('rules of others stay, in their order, and lost jumps come back first', () => {
    iptables(bed, 4, '-A', 'FORWARD', '-s', '192.0.2.1', '-j', 'DROP');
    iptables(bed, 4, '-t', 'nat', '-A', 'POSTROUTING', '-s', '192.0.2.1', '-j', 'ACCEPT');
    iptables(bed, 4, '-N', 'THEIRS');
    converge(bed, input({ ports: [port()] }));
    iptables(bed, 4, '-A', 'DOCKER-USER', '-s', '192.0.2.3', '-j', 'DROP');
    iptables(bed, 4, '-I', 'FORWARD', '-j', 'THEIRS');
    iptables(bed, 4, '-t', 'nat', '-I', 'POSTROUTING', '-s', '192.0.2.2', '-j', 'ACCEPT');
    iptables(bed, 4, '-t', 'nat', '-F', 'DOCKER');
    iptables(bed, 4, '-D', 'FORWARD', '-j', 'DOCKER-FORWARD');
    converge(bed, input({ ports: [port({ hostPort: 8081 })] }));
    expect(iptables(bed, 4, '-S', 'FORWARD').trim().split('\n').slice(1)).toEqual([
      '-A FORWARD -j DOCKER-USER',
      '-A FORWARD -j DOCKER-FORWARD',
      '-A FORWARD -j THEIRS',
      '-A FORWARD -s 192.0.2.1/32 -j DROP',
    ]);
    expect(iptables(bed, 4, '-t', 'nat', '-S', 'DOCKER')).toContain('--dport 8081 -j DNAT');
    clear(bed);
    expect(save(bed, 4)).toContain('-A DOCKER-USER -s 192.0.2.3/32 -j DROP');
    expect(iptables(bed, 4, '-t', 'nat', '-S', 'POSTROUTING').trim().split('\n').slice(1)).toEqual([
      '-A POSTROUTING -s 192.0.2.2/32 -j ACCEPT',
      '-A POSTROUTING -s 192.0.2.1/32 -j ACCEPT',
    ]);
    iptables(bed, 4, '-F');
    iptables(bed, 4, '-t', 'nat', '-F');
  });

  test.skipIf(!there)('a policy of DROP is set where it is ours to set, and only there', () => {
    converge(bed, input({ settings: { ...defaultSettings, dropForwarded: [4] } }));
    expect(save(bed, 4)).toContain(':FORWARD DROP');
    converge(bed, input());
    expect(save(bed, 4)).toContain(':FORWARD DROP');
    clear(bed);
    iptables(bed, 4, '-P', 'FORWARD', 'ACCEPT');
  });

  test.skipIf(!there)('2,000 ports converge, and one more is one rule more', () => {
    const ports = Array.from({ length: 2_000 }, (_, i) =>
      port({ hostPort: 20_000 + i, address: `172.17.${1 + (i >> 7)}.${1 + (i & 127)}` }),
    );
    converge(bed, input({ ports }));
    const script = converge(bed, input({ ports: ports.filter((_, i) => i !== 1_000) }));
    expect(script.match(/^-/gm)).toHaveLength(4);
    expect(converge(bed, input({ ports })).match(/^-/gm)).toHaveLength(4);
    clear(bed);
  });

  describe.skipIf(!there)('packets', () => {
    const place: Record<string, string> = {};
    test('the bed is made', () => {
      addBridge(bed, 'docker0', ['172.17.0.1/16', 'fd00:17::1/64']);
      addBridge(bed, 'br-app', ['172.18.0.1/16', 'fd00:18::1/64']);
      addBridge(bed, 'br-in', ['172.19.0.1/16', 'fd00:19::1/64']);
      place.web = addContainer(bed, 'web', 'docker0', ['172.17.0.2/16', 'fd00:17::2/64']);
      place.near = addContainer(bed, 'near', 'docker0', ['172.17.0.3/16', 'fd00:17::3/64']);
      place.app = addContainer(bed, 'app', 'br-app', ['172.18.0.2/16', 'fd00:18::2/64']);
      place.inner = addContainer(bed, 'inner', 'br-in', ['172.19.0.2/16', 'fd00:19::2/64']);
      place.inner2 = addContainer(bed, 'inner2', 'br-in', ['172.19.0.3/16', 'fd00:19::3/64']);
      const out = ['172.17.0.0/16', 'fd00:17::/64', '172.18.0.0/16', '172.19.0.0/16'];
      for (const subnet of out)
        bed.rig.run(
          'outside',
          'ip',
          'route',
          'add',
          subnet,
          'via',
          subnet.includes(':') ? uplink.address6 : uplink.address,
        );
      addOutsideServer();
    });

    const addOutsideServer = (): void => {
      const code =
        "require('node:http').createServer((q, a) => a.end('out ' + q.socket.remoteAddress)).listen(80, '::')";
      bed.rig.start('outside', process.execPath, '-e', code);
    };
    const from = (name: string): string => place[name] ?? name;

    test('a published port is reached by the addresses of the host from everywhere', () => {
      converge(bed, input({ ports: [port()] }));
      expect(hears(bed, 'outside', uplink.address, 8080)).toBe(`web ${uplink.outside}`);
      expect(hears(bed, 'host', uplink.address, 8080)).toBe(`web ${uplink.address}`);
      expect(hears(bed, 'host', '127.0.0.1', 8080)).toBe('web 172.17.0.1');
      expect(hears(bed, 'host', '172.17.0.2')).toBe('web 172.17.0.1');
      expect(hears(bed, from('web'), uplink.address, 8080)).toBe('web 172.17.0.1');
      expect(hears(bed, from('near'), uplink.address, 8080)).toBe('web 172.17.0.3');
      expect(hears(bed, from('near'), '172.17.0.1', 8080)).toBe('web 172.17.0.3');
      expect(hears(bed, from('app'), uplink.address, 8080)).toBe('web 172.17.0.1');
      expect(hears(bed, from('app'), '172.18.0.1', 8080)).toBe('web 172.17.0.1');
    });

    test('by its own address it is reached from its own network alone', () => {
      expect(hears(bed, from('near'), '172.17.0.2')).toBe('web 172.17.0.3');
      expect(hears(bed, 'outside', '172.17.0.2')).toBe(silence);
      expect(hears(bed, from('app'), '172.17.0.2')).toBe(silence);
      expect(hears(bed, from('app'), '172.17.0.3')).toBe(silence);
      converge(bed, input({ ports: [port()], settings: { ...defaultSettings, allowDirectRouting: true } }));
      expect(hears(bed, 'outside', '172.17.0.2')).toBe(`web ${uplink.outside}`);
      expect(hears(bed, 'outside', '172.17.0.3')).toBe(silence);
    });

    test('what leaves is masqueraded, or gets the address that was asked', () => {
      converge(bed, input());
      expect(hears(bed, from('app'), uplink.outside)).toBe(`out ${uplink.address}`);
      bed.rig.run('host', 'ip', 'addr', 'add', '198.51.100.9/24', 'dev', uplink.name);
      const families = { 4: nat('172.18.0.0/16', { source: '198.51.100.9' }) };
      converge(bed, input({ bridges: [network('br-app', 18, { families })] }));
      expect(hears(bed, from('app'), uplink.outside)).toBe('out 198.51.100.9');
    });

    test('udp is published too', () => {
      converge(bed, input({ ports: [port({ protocol: 'udp', hostPort: 5353 })] }));
      expect(hears(bed, 'outside', uplink.address, 5353, 'udp')).toBe(`web ${uplink.outside}`);
      expect(hears(bed, 'host', '127.0.0.1', 5353, 'udp')).toBe('web 172.17.0.1');
      expect(hears(bed, from('near'), uplink.address, 5353, 'udp')).toBe('web 172.17.0.3');
      expect(hears(bed, 'outside', uplink.address, 5353)).toBe(silence);
    });

    test('a port on loopback is for this host alone, even against a neighbour on the wire', () => {
      converge(bed, input({ ports: [port({ hostIP: '127.0.0.1', hostPort: 8081 })] }));
      expect(hears(bed, 'host', '127.0.0.1', 8081)).toBe('web 172.17.0.1');
      expect(hears(bed, 'outside', uplink.address, 8081)).toBe(silence);
      for (const [place, via] of [
        ['outside', uplink.address],
        [from('near'), '172.17.0.1'],
      ] as const) {
        const device = place === 'outside' ? 'up1' : 'eth0';
        bed.rig.run(place, 'ip', 'addr', 'del', '127.0.0.1/8', 'dev', 'lo');
        bed.rig.run(place, 'ip', 'route', 'flush', 'table', 'local', '127.0.0.0/8');
        bed.rig.run(place, 'sysctl', '-qw', `net.ipv4.conf.${device}.route_localnet=1`);
        bed.rig.run(place, 'ip', 'route', 'add', '127.0.0.1', 'via', via, 'dev', device);
        expect(hears(bed, place, '127.0.0.1', 8081)).toBe(silence);
        if (place === 'outside') {
          // without the guard it would pass: the test tests something
          iptables(bed, 4, '-t', 'raw', '-F', 'PREROUTING');
          expect(hears(bed, place, '127.0.0.1', 8081)).toBe(`web ${uplink.outside}`);
          converge(bed, input({ ports: [port({ hostIP: '127.0.0.1', hostPort: 8081 })] }));
        }
        bed.rig.run(place, 'ip', 'route', 'del', '127.0.0.1');
        bed.rig.run(place, 'ip', 'addr', 'add', '127.0.0.1/8', 'dev', 'lo');
      }
    });

    test('containers do not reach services on the loopback of the host', () => {
      const code = "require('node:http').createServer((q, a) => a.end('host')).listen(7000, '127.0.0.1')";
      const service = bed.rig.start('host', process.execPath, '-e', code);
      while (hears(bed, 'host', '127.0.0.1', 7000) === silence);
      bed.rig.run(from('near'), 'ip', 'addr', 'del', '127.0.0.1/8', 'dev', 'lo');
      bed.rig.run(from('near'), 'ip', 'route', 'add', '127.0.0.1', 'via', '172.17.0.1', 'dev', 'eth0');
      expect(hears(bed, from('near'), '127.0.0.1', 7000)).toBe(silence);
      const raw = ['-t', 'raw', '-D', 'PREROUTING', '-d', '127.0.0.0/8', '-i', 'docker0', '-j', 'DROP'];
      iptables(bed, 4, ...raw);
      // without the guard it would: the test tests something
      expect(hears(bed, from('near'), '127.0.0.1', 7000)).toBe('host');
      service.stop();
      bed.rig.run(from('near'), 'ip', 'route', 'del', '127.0.0.1');
      bed.rig.run(from('near'), 'ip', 'addr', 'add', '127.0.0.1/8', 'dev', 'lo');
    });

    test('an internal network has no way in or out, but within', () => {
      converge(bed, input({ ports: [port()] }));
      expect(hears(bed, from('inner2'), '172.19.0.2')).toBe('inner 172.19.0.3');
      expect(hears(bed, from('inner'), uplink.outside)).toBe(silence);
      expect(hears(bed, from('inner'), '172.17.0.3')).toBe(silence);
      expect(hears(bed, from('inner'), uplink.address, 8080)).toBe(silence);
      expect(hears(bed, 'outside', '172.19.0.2')).toBe(silence);
      expect(hears(bed, from('app'), '172.19.0.2')).toBe(silence);
    });

    test('with icc off neighbours are kept apart, except for links and published ports', () => {
      const bridges = [network('docker0', 17, { icc: false }), network('br-app', 18)];
      converge(bed, input({ bridges, ports: [port()] }));
      expect(hears(bed, from('near'), '172.17.0.2')).toBe(silence);
      expect(hears(bed, from('near'), uplink.address, 8080)).toBe('web 172.17.0.3');
      expect(hears(bed, from('web'), uplink.address, 8080)).toBe('web 172.17.0.1');
      expect(hears(bed, from('near'), uplink.outside)).toBe(`out ${uplink.address}`);
      const hole = {
        link: 'docker0',
        from: '172.17.0.3',
        to: '172.17.0.2',
        protocol: 'tcp',
        port: 80,
      } as const;
      converge(bed, input({ bridges, holes: [hole] }));
      expect(hears(bed, from('near'), '172.17.0.2')).toBe('web 172.17.0.3');
      expect(hears(bed, from('web'), '172.17.0.3')).toBe(silence);
    });

    test('a routed network is reached by container addresses, at published ports and by ping', () => {
      const families = { 4: nat('172.17.0.0/16', { mode: 'routed', masquerade: false }) };
      converge(bed, input({ bridges: [network('docker0', 17, { families })], ports: [port()] }));
      expect(hears(bed, 'outside', '172.17.0.2')).toBe(`web ${uplink.outside}`);
      expect(hears(bed, 'outside', '172.17.0.3')).toBe(silence);
      expect(hears(bed, 'outside', uplink.address, 8080)).toBe(silence);
      expect(hears(bed, from('web'), uplink.outside)).toBe('out 172.17.0.2');
      bed.rig.run('outside', 'busybox', 'ping', '-c1', '-W2', '172.17.0.3');
    });

    test('an unprotected network is open by container addresses', () => {
      const families = { 4: nat('172.17.0.0/16', { mode: 'nat-unprotected' }) };
      converge(bed, input({ bridges: [network('docker0', 17, { families })], ports: [port()] }));
      expect(hears(bed, 'outside', '172.17.0.3')).toBe(`near ${uplink.outside}`);
      expect(hears(bed, 'outside', uplink.address, 8080)).toBe(`web ${uplink.outside}`);
    });

    test('without masquerading answers come back, and direct access is still refused', () => {
      const families = { 4: nat('172.17.0.0/16', { masquerade: false }) };
      const closed = [network('docker0', 17, { families }), network('br-app', 18)];
      converge(bed, input({ bridges: closed, ports: [port()] }));
      expect(hears(bed, from('web'), uplink.outside)).toBe('out 172.17.0.2');
      expect(hears(bed, 'outside', uplink.address, 8080)).toBe(`web ${uplink.outside}`);
      expect(hears(bed, from('app'), uplink.address, 8080)).toBe('web 172.17.0.1');
      expect(hears(bed, 'outside', '172.17.0.2')).toBe(silence);
      const trusting = [network('docker0', 17, { families, trusted: [uplink.name] })];
      converge(bed, input({ bridges: trusting, ports: [port()] }));
      expect(hears(bed, 'outside', '172.17.0.2')).toBe(`web ${uplink.outside}`);
    });

    test('a trusted interface and a mark are let in directly', () => {
      const bridges = [network('docker0', 17, { trusted: [uplink.name] }), network('br-app', 18)];
      converge(bed, input({ bridges, ports: [port()] }));
      expect(hears(bed, 'outside', '172.17.0.2')).toBe(`web ${uplink.outside}`);
      expect(hears(bed, from('app'), '172.17.0.2')).toBe(silence);
      converge(bed, input({ ports: [port()], settings: { ...defaultSettings, acceptFwmark: '0x10/0xf0' } }));
      iptables(
        bed,
        4,
        '-t',
        'raw',
        '-I',
        'PREROUTING',
        '-i',
        uplink.name,
        '-j',
        'MARK',
        '--set-mark',
        '0x1f',
      );
      expect(hears(bed, 'outside', '172.17.0.2')).toBe(`web ${uplink.outside}`);
      expect(hears(bed, 'outside', '172.17.0.3')).toBe(`near ${uplink.outside}`);
      iptables(
        bed,
        4,
        '-t',
        'raw',
        '-D',
        'PREROUTING',
        '-i',
        uplink.name,
        '-j',
        'MARK',
        '--set-mark',
        '0x1f',
      );
      expect(hears(bed, 'outside', '172.17.0.3')).toBe(silence);
    });

    test('a rule in DOCKER-USER holds', () => {
      converge(bed, input({ ports: [port()] }));
      iptables(bed, 4, '-A', 'DOCKER-USER', '-i', uplink.name, '-s', uplink.outside, '-j', 'DROP');
      converge(bed, input({ ports: [port(), port({ hostPort: 8082 })] }));
      expect(hears(bed, 'outside', uplink.address, 8080)).toBe(silence);
      iptables(bed, 4, '-F', 'DOCKER-USER');
      expect(hears(bed, 'outside', uplink.address, 8082)).toBe(`web ${uplink.outside}`);
    });

    test('without br_netfilter neighbours still reach published ports', () => {
      bed.rig.run('host', 'sysctl', '-qw', 'net.bridge.bridge-nf-call-iptables=0');
      converge(bed, input({ ports: [port()], settings: { ...defaultSettings, bridgeNetfilter: false } }));
      expect(hears(bed, from('near'), uplink.address, 8080)).toBe('web 172.17.0.1');
      expect(hears(bed, from('web'), uplink.address, 8080)).toBe('web 172.17.0.1');
      bed.rig.run('host', 'sysctl', '-qw', 'net.bridge.bridge-nf-call-iptables=1');
    });

    test('IPv6 is published, masqueraded and kept apart in the same way', () => {
      const six = port({ hostIP: '::', address: 'fd00:17::2' });
      converge(bed, input({ ports: [six] }), 6);
      expect(hears(bed, 'outside', uplink.address6, 8080)).toBe(`web ${uplink.outside6}`);
      expect(hears(bed, 'host', uplink.address6, 8080)).toBe(`web ${uplink.address6}`);
      expect(hears(bed, from('near'), uplink.address6, 8080)).toBe('web fd00:17::3');
      expect(hears(bed, from('web'), uplink.address6, 8080)).toBe('web fd00:17::1');
      expect(hears(bed, from('app'), uplink.address6, 8080)).toBe('web fd00:17::1');
      expect(hears(bed, from('app'), uplink.outside6)).toBe(`out ${uplink.address6}`);
      expect(hears(bed, 'outside', 'fd00:17::2')).toBe(silence);
      expect(hears(bed, from('app'), 'fd00:17::3')).toBe(silence);
      expect(hears(bed, from('inner'), uplink.outside6)).toBe(silence);
      const bridges = [network('docker0', 17, { icc: false })];
      const hole = {
        link: 'docker0',
        from: 'fd00:17::3',
        to: 'fd00:17::2',
        protocol: 'tcp',
        port: 80,
      } as const;
      converge(bed, input({ bridges, holes: [hole] }), 6);
      bed.rig.run(from('near'), 'ip', 'neigh', 'flush', 'all');
      expect(hears(bed, from('near'), 'fd00:17::2')).toBe('web fd00:17::3');
      expect(hears(bed, from('web'), 'fd00:17::3')).toBe(silence);
    });
  });

  test.skipIf(!there)('a script that cannot be is refused as a whole', () => {
    expect(() => restore(bed, 4, '*filter\n:NEW - [0:0]\n-A NOWHERE -j ACCEPT\nCOMMIT\n')).toThrow();
    expect(save(bed, 4)).not.toContain('NEW');
  });
});
