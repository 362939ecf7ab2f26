import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeQuery } from '../../src/resolver/encode.ts';
import { rcode, recordType } from '../../src/resolver/message.ts';
import { type Asker, addressesOf, openAsker } from './dns-asker.ts';
import { openNames } from './resolver-names.ts';
import { networkId, openResolverRig } from './resolver-rig.ts';
import { openRig } from './rig.ts';

const rig = openRig();
const kernel = rig.kernel();
const world = openResolverRig(rig);
let path: string;
let asker: Asker;

beforeAll(async () => {
  ({ path, asker } = await openNames(rig, world));
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
