import { beforeAll, describe, expect, it, vi } from 'vitest';
import { rcode } from '../../src/resolver/message.ts';
import { type Asker, addressesOf, openAsker } from './dns-asker.ts';
import { openNames, serve } from './resolver-names.ts';
import { networkId, openResolverRig } from './resolver-rig.ts';
import { openRig, uplink } from './rig.ts';

vi.setConfig({ testTimeout: 90_000 });

const rig = openRig();
const kernel = rig.kernel();
const world = openResolverRig(rig);
let asker: Asker;

/** A question for s1 by UDP to 127.0.0.11, as only a raw socket can send it. */
const fromPortZero = `import socket, struct
question = bytes.fromhex('000701000001000000000000') + b'\\x02s1\\0' + struct.pack('>HH', 1, 1)
head = struct.pack('>HHHH', 0, 53, 8 + len(question), 0)
pseudo = socket.inet_aton('127.0.0.1') + socket.inet_aton('127.0.0.11') + struct.pack('>HH', 17, 8 + len(question))
total = sum(struct.unpack('>20H', pseudo + head + question))
while total >> 16: total = (total & 0xffff) + (total >> 16)
datagram = head[:6] + struct.pack('>H', ~total & 0xffff) + question
sender = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)
sender.sendto(datagram, ('127.0.0.11', 0))
`;

/** 5,000 questions at once on one connection that is then closed for writing; prints how many answers came. */
const pipelined = `import socket, struct
question = bytes.fromhex('000701000001000000000000') + b'\\x02s1\\0' + struct.pack('>HH', 1, 1)
link = socket.create_connection(('127.0.0.11', 53))
link.settimeout(20)
import threading
def ask():
    link.sendall((struct.pack('>H', len(question)) + question) * 5000)
    link.shutdown(socket.SHUT_WR)
threading.Thread(target=ask).start()
found = b''
while piece := link.recv(65536): found += piece
answers = 0
while found: found = found[2 + struct.unpack('>H', found[:2])[0]:]; answers += 1
print(answers)
`;

/**
 * Asks 1,100 names of a server that never answers, again and again as long as they wait, until the others of 1,024 are
 * refused; prints how many were after the next second.
 */
const flooding = `import select, socket, struct, time
silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
silent.bind(('10.79.0.1', 53))
link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
link.connect(('127.0.0.11', 53))
def question(i):
    name = b'%d' % i
    return struct.pack('>HHHHHH', i, 0x100, 1, 0, 0, 0) + bytes([len(name)]) + name + b'\\x05flood\\0' + struct.pack('>HH', 1, 1)
waiting, refused = set(range(1100)), set()
def listen(seconds):
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0 and select.select([link], [], [], left)[0]:
        answer = link.recv(512)
        waiting.discard(struct.unpack('>H', answer[:2])[0])
        if answer[3] & 15 == 5: refused.add(answer[:2])
while len(refused) < 1100 - 1024:
    for n, i in enumerate(sorted(waiting)):
        link.send(question(i))
        if n % 50 == 49: listen(0.005)
    listen(0.2)
listen(1)
print(len(refused), flush=True)
time.sleep(60)
`;

beforeAll(async () => {
  ({ asker } = await openNames(rig, world));
});

describe('other names', () => {
  it('go to the host’s servers from the host, and the answer comes back as it is', async () => {
    for (const tcp of [false, true]) {
      expect(addressesOf(await asker.ask({ name: 'ext.example', tcp }))).toEqual(['203.0.113.7']);
      expect((await asker.ask({ name: 'nobody.example', tcp })).rcode).toBe(rcode.NXDOMAIN);
    }
  });

  it('that policies name are told to the engine before they are answered, others are not', async () => {
    const watching = openAsker(kernel, await world.addSandbox('watching', { watched: ['*.ext.example'] }));
    for (const tcp of [false, true]) {
      expect(addressesOf(await watching.ask({ name: 'A.Ext.example', tcp }))).toEqual(['203.0.113.7']);
      const told = world.answered.at(-1);
      expect(told).toMatchObject({ sandbox: 'watching', name: 'a.ext.example' });
      expect(told?.addresses).toEqual([{ address: '203.0.113.7', ttl: 0 }]);
    }
    await watching.ask({ name: 'ext.example' });
    await watching.ask({ name: 'nobody.example' });
    expect(world.answered).toHaveLength(2);
  });

  it('have large answers cut for UDP, whole for TCP and for who takes them', async () => {
    const type = 16;
    const cut = await asker.ask({ name: 'big.example', type });
    expect(cut.truncated).toBe(true);
    expect(cut.message.length).toBeLessThanOrEqual(512);
    for (const how of [{ tcp: true }, { edns: 4096 }])
      expect(await asker.ask({ name: 'big.example', type, ...how })).toMatchObject({
        truncated: false,
        count: 12,
      });
  });

  it('go to the container’s own servers from inside, beside its own server on port 53', async () => {
    const other = await world.addSandbox('own', { servers: ['10.77.0.1'] });
    rig.run(other, 'ip', 'addr', 'add', '10.77.0.1/32', 'dev', 'lo');
    await serve(rig, other, '--address=/ext.example/192.0.2.9', '--local=/example/');
    const inside = openAsker(kernel, other);
    for (const tcp of [false, true])
      expect(addressesOf(await inside.ask({ name: 'ext.example', tcp }))).toEqual(['192.0.2.9']);
    expect(addressesOf(await inside.ask({ name: 's1' }))).toEqual(['172.18.0.2']);
    // more often than there are sockets for it, and more at a time
    for (let i = 0; i < 20; i += 1)
      expect(addressesOf(await inside.ask({ name: 'ext.example', tcp: true }))).toEqual(['192.0.2.9']);
    const atOnce = Array.from({ length: 200 }, (_, i) => inside.ask({ name: `n${i}.ext.example` }));
    for (const answer of await Promise.all(atOnce)) expect(addressesOf(answer)).toEqual(['192.0.2.9']);
  });

  it('do not go to the host’s servers without a way out; servers inside are asked', async () => {
    const inner = openAsker(kernel, await world.addSandbox('inner', { forward: false }));
    expect((await inner.ask({ name: 'ext.example' })).rcode).toBe(rcode.SERVFAIL);
    expect((await inner.ask({ name: 's1' })).count).toBe(1);
    const servers = ['10.78.0.1', 'fd78::1'];
    for (const server of servers) {
      const id = `inner${servers.indexOf(server)}`;
      const other = await world.addSandbox(id, { forward: false, servers: [server] });
      const asking = openAsker(kernel, other);
      for (const tcp of [false, true])
        expect((await asking.ask({ name: 'ext.example', tcp })).rcode).toBe(rcode.SERVFAIL);
      rig.run(other, 'ip', 'addr', 'add', server, 'dev', 'lo');
      await serve(rig, other, '--address=/ext.example/192.0.2.3');
      for (const tcp of [false, true])
        expect(addressesOf(await asking.ask({ name: 'ext.example', tcp }))).toEqual(['192.0.2.3']);
    }
  });

  it('are passed back cut short where the asker takes no more, and soon where no TCP is to be had', async () => {
    rig.run('outside', 'iptables', '-I', 'INPUT', '-p', 'tcp', '--dport', '53', '-j', 'DROP');
    const type = 16;
    for (const { limit, ...edns } of [
      // the wait for TCP is a second
      { limit: 950 },
      { edns: 1232, limit: 950 },
      { edns: 4096, limit: 3500 },
    ]) {
      const began = performance.now();
      expect((await asker.ask({ name: 'huge.example', type, ...edns })).truncated).toBe(true);
      expect(performance.now() - began).toBeLessThan(limit);
    }
    rig.run('outside', 'iptables', '-D', 'INPUT', '-p', 'tcp', '--dport', '53', '-j', 'DROP');
    const whole = await asker.ask({ name: 'huge.example', type, edns: 4096 });
    expect(whole).toMatchObject({ truncated: false, count: 36 });
  });

  it('go to the next server when one is not there, refuses, or is silent', async () => {
    // Packets to it vanish: nobody has that address.
    const silent = '198.51.100.77';
    rig.run('host', 'ip', 'neigh', 'add', silent, 'lladdr', '02:00:00:00:00:77', 'dev', uplink.name);
    await serve(rig, rig.host, '--bind-interfaces', '--listen-address=127.0.0.5', '--local=/nothing/');
    for (const bad of ['127.0.0.9', '127.0.0.5', silent]) {
      world.setHostServers(bad, uplink.outside);
      await new Promise((resolve) => setTimeout(resolve, 1100));
      const tcp = bad === '127.0.0.9';
      expect(addressesOf(await asker.ask({ name: 'ext.example', tcp }))).toEqual(['203.0.113.7']);
    }
    world.setHostServers(silent);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect((await asker.ask({ name: 'ext.example' })).rcode).toBe(rcode.SERVFAIL);
  });

  it('are refused once 1024 of them wait, while known ones are still answered', async () => {
    const path = await world.addSandbox('flood', { servers: ['10.79.0.1'] });
    rig.run(path, 'ip', 'addr', 'add', '10.79.0.1/32', 'dev', 'lo');
    const flood = rig.start(path, 'python3', '-c', flooding);
    expect(await flood.firstLine).toBe(`${1100 - 1024}`);
    const inside = openAsker(kernel, path);
    expect((await inside.ask({ name: 's1' })).count).toBe(1);
    flood.stop();
    world.setHostServers(uplink.outside);
  });
});

describe('a server that cannot be connected to', () => {
  const unreachable = ['2001:db8:99::53', '192.0.2.1', '255.255.255.255', 'fe80::1', '0.0.0.0', '224.0.0.1'];
  const reachable = '10.77.0.2';
  let inside: Asker;
  let at: string;
  let pid: number;

  /** Ask by both transports; the answers' codes. Everything else is served on. */
  async function codes(name = 'ext.example'): Promise<readonly number[]> {
    const found: number[] = [];
    for (const tcp of [false, true]) {
      const began = performance.now();
      found.push((await inside.ask({ name, tcp })).rcode);
      expect(performance.now() - began).toBeLessThan(1900);
    }
    expect((await asker.ask({ name: 's1' })).count).toBe(1);
    expect((await world.client.status()).pid).toBe(pid);
    return found;
  }
  const serving = async (...servers: readonly string[]): Promise<void> => {
    const networks = [{ id: networkId, name: 'nn' }];
    const put = {
      sandboxId: 'lost',
      path: at,
      networks,
      privateNames: {},
      servers,
      forward: true,
      fixed: {},
    };
    await world.store.commit([], { names: [], sandboxes: [{ id: 'lost', put }] });
    await world.client.ensure('lost');
  };

  beforeAll(async () => {
    at = await world.addSandbox('lost', { servers: [reachable] });
    inside = openAsker(kernel, at);
    ({ pid } = await world.client.status());
    rig.run(at, 'ip', 'addr', 'add', `${reachable}/32`, 'dev', 'lo');
    await serve(
      rig,
      at,
      `--listen-address=${reachable}`,
      '--bind-interfaces',
      '--address=/ext.example/192.0.2.9',
    );
  });

  it('is followed by the next, and is SERVFAIL where there is none', async () => {
    for (const server of unreachable) {
      await serving(server);
      expect(await codes(), server).toEqual([rcode.SERVFAIL, rcode.SERVFAIL]);
      for (const both of [
        [server, reachable],
        [reachable, server],
      ]) {
        await serving(...both);
        expect(await codes(), both.join()).toEqual([rcode.NOERROR, rcode.NOERROR]);
      }
      // the one that answers refuses what it does not know
      await serving(reachable, server);
      expect(await codes('unknown.test'), server).toEqual([rcode.REFUSED, rcode.REFUSED]);
    }
  });

  it('may have been taken away by the container itself', async () => {
    rig.run(at, 'ip', 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'peer0');
    for (const link of ['eth0', 'peer0']) rig.run(at, 'ip', 'link', 'set', link, 'up');
    rig.run(at, 'ip', 'addr', 'add', '10.88.0.2/24', 'dev', 'eth0');
    rig.run(at, 'ip', 'route', 'add', 'default', 'via', '10.88.0.1');
    for (const kind of ['prohibit', 'unreachable', 'blackhole'])
      rig.run(at, 'ip', 'route', 'add', kind, `10.99.${kind.length}.0/24`);
    for (const server of ['10.99.8.1', '10.99.11.1', '10.99.9.1', '255.255.255.255', '10.88.0.255']) {
      await serving(server);
      expect(await codes(), server).toEqual([rcode.SERVFAIL, rcode.SERVFAIL]);
    }
    await serving('192.0.2.1');
    for (const command of ['route del default', 'link set eth0 down', 'link del eth0']) {
      rig.run(at, 'ip', ...command.split(' '));
      expect(await codes(), command).toEqual([rcode.SERVFAIL, rcode.SERVFAIL]);
    }
  });

  it('may be the resolver itself, whatever it is written like', async () => {
    for (const server of ['127.0.0.11', '::ffff:127.0.0.11', '0:0:0:0:0:ffff:7f00:b']) {
      await serving(server);
      expect(await codes(), server).toEqual([rcode.SERVFAIL, rcode.SERVFAIL]);
      await serving(server, reachable);
      expect(await codes(), server).toEqual([rcode.NOERROR, rcode.NOERROR]);
    }
  });

  it('may be the host’s', async () => {
    rig.run('host', 'ip', '-6', 'route', 'del', 'default');
    world.setHostServers('2001:db8:99::53', uplink.outside);
    await serving();
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect(await codes()).toEqual([rcode.NOERROR, rcode.NOERROR]);
    world.setHostServers('2001:db8:99::53', '192.0.2.77', 'no-address');
    rig.run('host', 'ip', 'route', 'del', 'default');
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect(await codes()).toEqual([rcode.SERVFAIL, rcode.SERVFAIL]);
    rig.run('host', 'ip', 'route', 'add', 'default', 'via', uplink.outside);
    world.setHostServers(uplink.outside);
  });

  it('every question of a connection is answered, however many come at once, and others in between', async () => {
    const { firstLine } = rig.start(at, 'python3', '-c', pipelined);
    expect(await codes('s1')).toEqual([rcode.NOERROR, rcode.NOERROR]);
    expect(await firstLine).toBe('5000');
  });

  it('a question from port 0 has no answer and harms nobody', async () => {
    rig.run(at, 'python3', '-c', fromPortZero);
    expect(await codes('s1')).toEqual([rcode.NOERROR, rcode.NOERROR]);
    expect((await world.client.status()).faults).toBe(0);
  });
});
