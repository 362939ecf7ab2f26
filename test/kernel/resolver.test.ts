import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeQuery } from '../../src/resolver/encode.ts';
import { rcode, recordType } from '../../src/resolver/message.ts';
import { type Asker, addressesOf, openAsker } from './dns-asker.ts';
import { networkId, openResolverRig } from './resolver-rig.ts';
import { openRig, uplink } from './rig.ts';

const rig = openRig();
const kernel = rig.kernel();
const world = openResolverRig(rig);
let path: string;
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

/** A dnsmasq that knows nothing but what it is told; resolves once it answers. */
async function serve(where: string, ...options: readonly string[]): Promise<void> {
  const plain = [
    '--keep-in-foreground',
    '--conf-file=/dev/null',
    '--no-resolv',
    '--no-hosts',
    '--log-facility=-',
  ];
  rig.start(where, 'sh', '-c', 'exec "$@" 2>&1', 'sh', 'dnsmasq', ...plain, ...options);
  await new Promise((resolve) => setTimeout(resolve, 300));
}

beforeAll(async () => {
  const texts = Array.from({ length: 12 }, (_, i) => `--txt-record=big.example,${`${i}`.padStart(60, 'x')}`);
  const hugeTexts = texts.flatMap((_, i) =>
    ['a', 'b', 'c'].map((x) => `--txt-record=huge.example,${`${i}`.padStart(60, x)}`),
  );
  await serve(
    rig.outside,
    '--bind-interfaces',
    `--listen-address=${uplink.outside}`,
    '--address=/ext.example/203.0.113.7',
    '--local=/example/',
    ...texts,
    ...hugeTexts,
  );
  world.setHostServers(uplink.outside);
  await world.name('s1', ['s1', 'www'], '172.18.0.2');
  await world.name('s2', ['s2', 'www'], '172.18.0.3');
  path = await world.addSandbox('main', { fixed: { 'host.docker.internal': ['172.18.0.1'] } });
  asker = openAsker(kernel, path);
});

describe('names of the sandbox’s networks', () => {
  it('are answered by UDP and by TCP, in any case, with their network or without', async () => {
    for (const name of ['s1', 'S1', 's1.nn', 'S1.NN'])
      for (const tcp of [false, true])
        expect(addressesOf(await asker.ask({ name, tcp }))).toEqual(['172.18.0.2']);
    expect(addressesOf(await asker.ask({ name: 'host.docker.internal' }))).toEqual(['172.18.0.1']);
  });

  it('of several endpoints take turns', async () => {
    const firsts = new Set<string | undefined>();
    for (let i = 0; i < 4; i += 1) {
      const found = addressesOf(await asker.ask({ name: 'www' }));
      expect([...found].sort()).toEqual(['172.18.0.2', '172.18.0.3']);
      firsts.add(found[0]);
    }
    expect(firsts.size).toBe(2);
  });

  it('are empty for other types, and lead back from addresses', async () => {
    for (const type of ['AAAA', 15] as const)
      expect(await asker.ask({ name: 's1', type })).toMatchObject({ rcode: rcode.NOERROR, count: 0 });
    const back = await asker.ask({ name: '2.0.18.172.in-addr.arpa', type: 'PTR' });
    expect(back.message.toString('latin1')).toContain('\x02s1\x02nn\0');
  });

  it('are never older than the last commit', async () => {
    for (let i = 1; i <= 100; i += 1) {
      await world.name('moving', ['moving'], `10.0.0.${i}`);
      expect(addressesOf(await asker.ask({ name: 'moving' }))).toEqual([`10.0.0.${i}`]);
    }
    await world.name('moving', ['moving']);
    expect((await asker.ask({ name: 'moving' })).count).toBe(0);
  });

  it('are answered by busybox’s own nslookup', () => {
    expect(rig.run(path, 'busybox', 'nslookup', '-type=a', 's1', '127.0.0.11')).toContain('172.18.0.2');
  });
});

describe('what cannot be answered', () => {
  const query = encodeQuery({
    id: 7,
    recursionDesired: true,
    question: { name: 's1', type: recordType.A, class: 1 },
    edns: undefined,
  });

  it('is FORMERR where it is malformed and NOTIMP where it is no query', async () => {
    const behind = await asker.send(Buffer.concat([query, Buffer.of(0)]), 2000);
    expect(behind?.toString('hex')).toBe('000781810000000000000000');
    const update = Buffer.from(query);
    update[2] = 5 << 3;
    expect(((await asker.send(update, 2000))?.[3] ?? 0) & 0xf).toBe(rcode.NOTIMP);
  });

  it('is dropped where it is an answer or not even a header', async () => {
    const answer = Buffer.from(query);
    answer[2] = 0x81;
    expect(await asker.send(answer, 300)).toBeUndefined();
    expect(await asker.send(Buffer.of(1, 2, 3), 300)).toBeUndefined();
  });
});

describe('other names', () => {
  it('go to the host’s servers from the host, and the answer comes back as it is', async () => {
    for (const tcp of [false, true]) {
      expect(addressesOf(await asker.ask({ name: 'ext.example', tcp }))).toEqual(['203.0.113.7']);
      expect((await asker.ask({ name: 'nobody.example', tcp })).rcode).toBe(rcode.NXDOMAIN);
    }
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
    await serve(other, '--address=/ext.example/192.0.2.9', '--local=/example/');
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
      await serve(other, '--address=/ext.example/192.0.2.3');
      for (const tcp of [false, true])
        expect(addressesOf(await asking.ask({ name: 'ext.example', tcp }))).toEqual(['192.0.2.3']);
    }
  });

  it('are passed back cut short where the asker takes no more, and soon where no TCP is to be had', async () => {
    rig.run('outside', 'iptables', '-I', 'INPUT', '-p', 'tcp', '--dport', '53', '-j', 'DROP');
    const type = 16;
    for (const { limit, ...edns } of [
      { limit: 500 },
      { edns: 1232, limit: 500 },
      { edns: 4096, limit: 1500 },
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
    await serve(rig.host, '--bind-interfaces', '--listen-address=127.0.0.5', '--local=/nothing/');
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
    const flood = Array.from({ length: 1100 }, (_, i) => asker.ask({ name: `${i}.flood.example` }));
    const codes = (await Promise.all(flood)).map((answer) => answer.rcode);
    expect(codes.filter((code) => code === rcode.REFUSED)).toHaveLength(1100 - 1024);
    expect(codes.filter((code) => code === rcode.SERVFAIL)).toHaveLength(1024);
    expect((await asker.ask({ name: 's1' })).count).toBe(1);
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
      expect(performance.now() - began).toBeLessThan(1000);
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
    await serve(at, `--listen-address=${reachable}`, '--bind-interfaces', '--address=/ext.example/192.0.2.9');
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

describe('the sandbox', () => {
  it('has no rules but the table of the resolver, and no connection tracking', async () => {
    const rules = rig.run(path, 'nft', 'list', 'ruleset');
    expect(rules.match(/^table .*$/gm)).toEqual(['table ip seaway_dns {']);
    expect(rules).not.toContain('nat');
  });

  it('may have its own firewall that knows no other port than 53', async () => {
    const walled = await world.addSandbox('walled');
    const rules = [
      '-A INPUT -d 127.0.0.11 -j ACCEPT',
      '-A OUTPUT -p udp --dport 53 -j ACCEPT',
      '-A OUTPUT -p tcp --dport 53 -j ACCEPT',
      ...['INPUT', 'OUTPUT'].map((chain) => `-A ${chain} -m conntrack --ctstate ESTABLISHED -j ACCEPT`),
      '-P INPUT DROP',
      '-P OUTPUT DROP',
      '-t nat -A POSTROUTING -o eth0 -j MASQUERADE',
    ];
    for (const rule of rules) rig.run(walled, 'iptables', ...rule.split(' '));
    const inside = openAsker(kernel, walled);
    for (const tcp of [false, true]) expect((await inside.ask({ name: 's1', tcp })).count).toBe(1);
  });

  it('whose messages are shorter than a header loses its connection', async () => {
    const short = await world.addSandbox('short');
    const script = [
      'import socket',
      's = socket.create_connection(("127.0.0.11", 53))',
      's.settimeout(5)',
      's.sendall(bytes(6))',
      'try: print(len(s.recv(1)), flush=True)',
      'except ConnectionError: print(0, flush=True)',
    ].join('\n');
    expect(await rig.start(short, 'python3', '-c', script).firstLine).toBe('0');
  });

  it('may have all the connections that it can get, and the others have theirs', async () => {
    const greedy = await world.addSandbox('greedy');
    const { pid } = await world.client.status();
    const count = () => readdirSync(`/proc/${pid}/fd`).length;
    const before = count();
    const all = 'c=[]\nfor i in range(400): c.append(socket.create_connection(("127.0.0.11", 53)))';
    const holder = rig.start(
      greedy,
      'python3',
      '-c',
      `import socket, time\n${all}\nprint("open", flush=True)\ntime.sleep(60)`,
    );
    expect(await holder.firstLine).toBe('open');
    expect((await openAsker(kernel, greedy).ask({ name: 's1' })).count).toBe(1);
    expect((await asker.ask({ name: 's1', tcp: true })).count).toBe(1);
    // and the connection of the other one, which may not be closed yet
    expect(count() - before).toBeLessThanOrEqual(128 + 1);
    holder.stop();
  });

  it('sees a changed set of networks at once', async () => {
    const put = {
      sandboxId: 'main',
      path,
      networks: [],
      privateNames: { only: [{ networkId, name: 's1' }] },
      servers: [],
      forward: false,
      fixed: {},
    };
    expect((await asker.ask({ name: 's1' })).count).toBe(1);
    await world.store.commit([], { names: [], sandboxes: [{ id: 'main', put }] });
    expect((await asker.ask({ name: 's1' })).rcode).toBe(rcode.SERVFAIL);
  });
});

describe('the process', () => {
  it('is called seaway-resolver', async () => {
    const { pid } = await world.client.status();
    expect(readFileSync(`/proc/${pid}/comm`, 'utf8').trim()).toBe('seaway-resolver');
  });

  it('has no user, no capability, and no system calls but those for serving, in every thread', async () => {
    const { pid } = await world.client.status();
    const threads = readdirSync(`/proc/${pid}/task`);
    expect(threads.length).toBeGreaterThan(4);
    for (const thread of threads) {
      const status = readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8');
      const of = (key: string) => new RegExp(`^${key}:[ \\t]*(.*)$`, 'm').exec(status)?.[1]?.trim();
      for (const ids of ['Uid', 'Gid']) expect(of(ids)).toBe('61053\t61053\t61053\t61053');
      expect(of('Groups')).toBe('');
      for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapAmb']) expect(of(set)).toMatch(/^0+$/);
      expect([of('NoNewPrivs'), of('Seccomp')]).toEqual(['1', '2']);
      if (thread === `${pid}`) expect(of('CapBnd')).toMatch(/^0+$/);
    }
  });

  it('keeps nothing open but the store, its own files and sockets', async () => {
    const { pid } = await world.client.status();
    const open = readdirSync(`/proc/${pid}/fd`).map((fd) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${fd}`);
      } catch {
        return '';
      }
    });
    expect(open.filter((target) => target.startsWith('net:') || target.includes('/ns/'))).toEqual([]);
  });
});
