/** Which packets pass the firewall and which do not, on a real kernel. */
import { describe, expect, test } from 'vitest';
import { defaultSettings } from '../../src/firewall/input.ts';
import { input, nat, network, port } from './firewall-input.ts';
import {
  addBridge,
  addContainer,
  type Bed,
  converge,
  hears,
  iptables,
  type Variant,
  works,
} from './firewall-rig.ts';
import { openRig, uplink } from './rig.ts';

const silence = 'no answer';

const backends: readonly { readonly name: string; readonly variant: Variant; readonly nftables?: boolean }[] =
  [
    { name: 'iptables-nft', variant: 'nft' },
    { name: 'iptables-legacy', variant: 'legacy' },
    { name: 'nftables', variant: 'nft', nftables: true },
  ];

describe.each(backends)('with $name', ({ variant, nftables = false }) => {
  const bed: Bed = { rig: openRig(), variant, nftables, owned: [] };
  const there = works(bed);

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
    /** What is dropped on arrival arrives. */
    const dropGuards = (): void => {
      if (nftables) bed.rig.run('host', 'nft', 'flush', 'chain', 'ip', 'seaway', 'arriving');
      else iptables(bed, 4, '-t', 'raw', '-F', 'PREROUTING');
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

    test('ranges lead to the same ports, or to others', () => {
      const container = { containerPort: 79, containerPortEnd: 81 };
      converge(bed, input({ ports: [port({ hostPort: 79, hostPortEnd: 81, ...container })] }));
      expect(hears(bed, 'outside', uplink.address, 80)).toBe(`web ${uplink.outside}`);
      converge(bed, input({ ports: [port({ hostPort: 8079, hostPortEnd: 8081, ...container })] }));
      expect(hears(bed, 'outside', uplink.address, 8080)).toBe(`web ${uplink.outside}`);
      expect(hears(bed, 'host', '127.0.0.1', 8080)).toBe('web 172.17.0.1');
      expect(hears(bed, 'outside', uplink.address, 8081)).toBe(silence);
    });

    test('a port behind the rules of the host is rewritten for the host alone', () => {
      converge(bed, input({ ports: [port({ policy: 'host' })] }));
      expect(hears(bed, 'outside', uplink.address, 8080)).toBe(silence);
      expect(hears(bed, 'host', '127.0.0.1', 8080)).toBe('web 172.17.0.1');
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
          dropGuards();
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
      dropGuards();
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

    test('an unprotected network is open by container addresses, but not to other networks', () => {
      const families = { 4: nat('172.17.0.0/16', { mode: 'nat-unprotected' }) };
      const bridges = [network('docker0', 17, { families }), network('br-app', 18)];
      converge(bed, input({ bridges, ports: [port()] }));
      expect(hears(bed, 'outside', '172.17.0.3')).toBe(`near ${uplink.outside}`);
      expect(hears(bed, from('app'), '172.17.0.3')).toBe(silence);
      expect(hears(bed, from('app'), uplink.address, 8080)).toBe('web 172.17.0.1');
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

    const mark = (verb: '-I' | '-D'): string =>
      iptables(
        bed,
        4,
        '-t',
        'raw',
        verb,
        ...`PREROUTING -i ${uplink.name} -j MARK --set-mark 0x1f`.split(' '),
      );

    test('a trusted interface and a mark are let in directly', () => {
      const bridges = [network('docker0', 17, { trusted: [uplink.name] }), network('br-app', 18)];
      converge(bed, input({ bridges, ports: [port()] }));
      expect(hears(bed, 'outside', '172.17.0.2')).toBe(`web ${uplink.outside}`);
      expect(hears(bed, from('app'), '172.17.0.2')).toBe(silence);
      converge(bed, input({ ports: [port()], settings: { ...defaultSettings, acceptFwmark: '0x10/0xf0' } }));
      mark('-I');
      expect(hears(bed, 'outside', '172.17.0.2')).toBe(`web ${uplink.outside}`);
      expect(hears(bed, 'outside', '172.17.0.3')).toBe(`near ${uplink.outside}`);
      mark('-D');
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
      converge(bed, input({ bridges, ports: [six] }), 6);
      for (const name of ['near', 'web']) bed.rig.run(from(name), 'ip', 'neigh', 'flush', 'all');
      expect(hears(bed, from('near'), uplink.address6, 8080)).toBe('web fd00:17::1');
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
});
