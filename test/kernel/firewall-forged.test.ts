/** Packets that pretend: forged sources, and what belongs to no connection. Neighbours find each other all the same. */
import { describe, expect, test, vi } from 'vitest';
import {
  type BridgeFamily,
  type BridgeNetwork,
  defaultSettings,
  type FirewallInput,
} from '../../src/firewall/input.ts';
import type { GatewayMode } from '../../src/model/forwarding.ts';
import {
  addBridge,
  addContainer,
  type Bed,
  clear,
  converge,
  hears,
  iptables,
  type Variant,
  works,
} from './firewall-rig.ts';
import { openRig, uplink } from './rig.ts';

const family = (subnet: string, mode: GatewayMode = 'nat'): BridgeFamily => ({
  subnets: [subnet],
  mode,
  masquerade: true,
  source: '',
});

const network = (link: string, n: number, more: Partial<BridgeNetwork> = {}): BridgeNetwork => ({
  name: link,
  link,
  internal: false,
  icc: true,
  families: { 4: family(`172.${n}.0.0/16`), 6: family(`fd00:${n}::/64`) },
  trusted: [],
  ...more,
});

const inner = network('br-in', 19, { internal: true });

const input = (app: BridgeNetwork): FirewallInput => ({
  bridges: [app, inner],
  ports: [],
  open: [],
  holes: [],
  segments: [],
  settings: defaultSettings,
});

const send = `
  const [, from, to] = process.argv;
  const socket = require('node:dgram').createSocket(to.includes(':') ? 'udp6' : 'udp4');
  socket.bind(0, from, () => socket.send('x', 9999, to, () => socket.close()));
`;

const listen = `
  const socket = require('node:dgram').createSocket('udp6');
  socket.on('message', (_, { address }) => console.log(address)).bind(9999, () => console.log('ready'));
`;

/** Who is heard at that place while `act` runs, whose last one is `last`. */
async function heard(
  { rig }: Bed,
  where: string,
  { act, last }: { readonly act: () => void; readonly last: string },
): Promise<string[]> {
  const said: string[] = [];
  const server = rig.start(where, process.execPath, '-e', listen);
  server.onLine((line) => said.push(line.replace('::ffff:', '')));
  await server.firstLine;
  act();
  await vi.waitFor(() => expect(said).toContain(last), { timeout: 10_000 });
  server.stop();
  await server.ended;
  return said.filter((line) => line !== 'ready');
}

describe.each<Variant>(['nft', 'legacy'])('with iptables-%s', (variant) => {
  const bed: Bed = { rig: openRig(), variant, owned: [] };
  const there = works(bed);
  const place: Record<string, string> = {};
  const from = (name: string): string => place[name] ?? name;

  test.skipIf(!there)('the bed is made', () => {
    bed.rig.run(
      'host',
      'sysctl',
      '-qw',
      'net.ipv4.conf.all.rp_filter=0',
      'net.ipv4.conf.default.rp_filter=0',
    );
    addBridge(bed, 'br-app', ['172.18.0.1/16', 'fd00:18::1/64']);
    addBridge(bed, 'br-in', ['172.19.0.1/16', 'fd00:19::1/64']);
    place.app = addContainer(bed, 'app', 'br-app', ['172.18.0.2/16', 'fd00:18::2/64']);
    place.inner = addContainer(bed, 'inner', 'br-in', ['172.19.0.2/16', 'fd00:19::2/64']);
    place.inner2 = addContainer(bed, 'inner2', 'br-in', ['172.19.0.3/16', 'fd00:19::3/64']);
    for (const subnet of ['172.18.0.0/16', '172.19.0.0/16'])
      bed.rig.run('outside', 'ip', 'route', 'add', subnet, 'via', uplink.address);
    bed.rig.run('outside', 'ip', 'route', 'add', 'fd00:19::/64', 'via', uplink.address6);
  });

  test.skipIf(!there)(
    'an internal network: neighbours find each other where iptables sees bridged packets',
    () => {
      for (const program of ['iptables', 'ip6tables'])
        bed.rig.run('host', 'sysctl', '-qw', `net.bridge.bridge-nf-call-${program}=1`);
      for (const version of [4, 6] as const) converge(bed, input(network('br-app', 18)), version);
      bed.owned = [];
      bed.rig.run(from('inner2'), 'ip', 'neigh', 'flush', 'all');
      expect(hears(bed, from('inner2'), 'fd00:19::2')).toBe('inner fd00:19::3');
      expect(hears(bed, from('inner2'), '172.19.0.2')).toBe('inner 172.19.0.3');
    },
  );

  test.skipIf(!there).each([
    ['172.19.0.77', '172.19.0.2'],
    ['fd00:19::77', 'fd00:19::2'],
  ])('an internal network: %s, forged elsewhere, is not heard at %s', async (forged, to) => {
    // the neighbour on the network itself is heard, or nobody listened
    const last = forged.replace('77', '78');
    const act = (): void => {
      for (const where of ['outside', from('app'), from('inner2')]) {
        const device = where === from('inner2') ? 'eth0' : 'lo';
        const source = where === from('inner2') ? last : forged;
        const length = to.includes(':') ? 128 : 32;
        const nodad = to.includes(':') ? ['nodad'] : [];
        bed.rig.run(where, 'ip', 'addr', 'add', `${source}/${length}`, 'dev', device, ...nodad);
        bed.rig.run(where, process.execPath, '-e', send, source, to);
      }
    };
    expect(await heard(bed, from('inner'), { act, last })).toEqual([last]);
  });

  test.skipIf(!there)(
    'what is of no connection does not leave with a private address, but where it is routed',
    () => {
      // the host does not see the connection begin, and takes nothing that follows for a new one
      bed.rig.run('host', 'sysctl', '-qw', 'net.netfilter.nf_conntrack_tcp_loose=0');
      iptables(bed, 4, '-t', 'raw', '-I', 'PREROUTING', '-i', uplink.name, '-j', 'CT', '--notrack');
      const answer = (mode: GatewayMode): string => {
        converge(bed, input(network('br-app', 18, { families: { 4: family('172.18.0.0/16', mode) } })));
        iptables(bed, 4, '-I', 'DOCKER-USER', '-i', uplink.name, '-o', 'br-app', '-j', 'ACCEPT');
        const said = hears(bed, 'outside', '172.18.0.2');
        iptables(bed, 4, '-F', 'DOCKER-USER');
        return said;
      };
      expect(answer('nat')).toBe('no answer');
      expect(answer('nat-unprotected')).toBe(`app ${uplink.outside}`);
      expect(answer('routed')).toBe(`app ${uplink.outside}`);
      iptables(bed, 4, '-t', 'raw', '-F', 'PREROUTING');
      clear(bed);
    },
  );
});
