/** Policies between containers, with packets between three sandboxes on one bridge. */
import { describe, expect, test } from 'vitest';
import type { Policy, PolicyRule } from '../../src/model/policy.ts';
import { allowAddresses, isAnswered, readCounters } from '../../src/reconcile/kinds/access.ts';
import { nameSet } from '../../src/reconcile/kinds/access-commands.ts';
import { endpoint, modelOf, network, pool, sandbox } from '../golden/plans/world.ts';
import { answering } from './answering.ts';
import { openBoxes, reconcilerOn } from './reconcile-rig.ts';

const { rig, kernel } = openBoxes();

const app = network('app', {
  enableIPv6: true,
  pools: [pool('172.30.0.0/16', '172.30.0.1'), pool('fd00:30::/64', 'fd00:30::1')],
});
const places = ['db', 'web', 'other'].map((name, i) => {
  const box = sandbox(name, { path: `${rig.path('boxes')}/${name}` });
  const addresses = [`172.30.0.${i + 2}/16`, `fd00:30::${i + 2}/64`];
  return { box, end: endpoint({ network: app, sandbox: box }, { addresses }) };
});
const model = modelOf({
  networks: [app],
  sandboxes: places.map(({ box }) => box),
  endpoints: places.map(({ end }) => end),
});
const reconciler = reconcilerOn(kernel, model, rig);
const [db, web, other] = places.map(({ box }) => box);
if (!db || !web || !other) throw new Error('three sandboxes are made above');

const rule = (verdict: PolicyRule['verdict'], container: string, port?: number): PolicyRule => ({
  ...{ verdict, line: 1, remote: { kind: 'containers', selector: { container } } },
  ports:
    port === undefined
      ? []
      : (['tcp', 'udp'] as const).map((protocol) => ({ protocol, first: port, last: port })),
});

const policy = (more: Partial<Policy>): Policy => ({
  ...{ id: 'database', order: 1, applies: { container: 'db' }, ingress: [], egress: [] },
  ...more,
});

const converge = async (): Promise<void> => {
  for (const { box } of places) await reconciler.convergeSandbox(box.id);
};
async function apply(one: Policy): Promise<void> {
  model.apply([{ table: 'policies', put: one }]);
  await converge();
}
async function withdraw(): Promise<void> {
  model.apply([{ table: 'policies', remove: 'database' }]);
  await converge();
}

const targets = ['172.30.0.2', 'fd00:30::2'];

/** Asks port 80 of both addresses of the database by TCP and UDP, all at once, and prints the answers or errors in order. */
const askAll = `
  const net = require('node:net'), dgram = require('node:dgram');
  const clean = (text) => text.toString().trim().replace('::ffff:', '');
  const tcp = (host) => new Promise((resolve) => {
    const socket = net.connect({ host, port: 80 }, () => socket.write('?'));
    socket.on('data', (text) => resolve(clean(text))).on('error', (e) => resolve(e.code));
  });
  const udp = (host) => new Promise((resolve) => {
    const socket = dgram.createSocket(host.includes(':') ? 'udp6' : 'udp4');
    socket.on('message', (text) => resolve(clean(text))).on('error', () => resolve('refused'));
    socket.connect(80, host, () => socket.send('?'));
  });
  const hosts = ['172.30.0.2', 'fd00:30::2'];
  Promise.all([...hosts.map(tcp), ...hosts.map(udp)]).then((all) => { console.log(all.join()); process.exit(); });`;

const answers = (path: string): readonly string[] =>
  rig.run(path, process.execPath, '-e', askAll).trim().split(',');
const refused = ['ECONNREFUSED', 'ECONNREFUSED', 'refused', 'refused'];
const tables = (path: string): string => rig.run(path, 'nft', 'list', 'tables').trim();

const patience = { timeout: 20_000 };
const talking = (host: string): string => `
  const s = require('node:net').connect({ host: '${host}', port: 80 }, () => s.write('?'));
  s.on('data', () => { console.log('answer'); setTimeout(() => s.write('?'), 20); })
   .on('error', (e) => { console.log(e.code); process.exit(); });`;

describe('a policy between neighbours on one bridge', async () => {
  await reconciler.convergeNetwork(app.id);
  await converge();
  expect(await rig.start(db.path, process.execPath, '-e', answering('db')).firstLine).toBe('ready');
  const fromWeb = ['db 172.30.0.3', 'db fd00:30::3', 'db 172.30.0.3', 'db fd00:30::3'];

  test('lets pass what it allows, refuses the rest at once, and is gone without a trace', async () => {
    expect(tables(db.path)).toBe('');
    await apply(policy({ ingress: [rule('allow', 'w?b', 80)] }));
    expect(answers(web.path)).toEqual(fromWeb);
    expect(answers(other.path)).toEqual(refused);
    expect(tables(web.path)).toBe('');
    await withdraw();
    expect(tables(db.path)).toBe('');
    expect(answers(other.path)[0]).toBe('db 172.30.0.4');
  });

  test('holds at the end that opens a flow as well', async () => {
    await apply(policy({ applies: { container: 'other' }, egress: [rule('deny', 'db', 80)] }));
    expect(answers(other.path)).toEqual(refused);
    expect(answers(web.path)).toEqual(fromWeb);
    await withdraw();
  });

  test('ends flows that it denies from now on, no others, and keeps the counters of rules that stay', async () => {
    await apply(policy({ ingress: [rule('allow', 'web', 80), rule('allow', 'other', 80)] }));
    const lines = { web: [] as string[], other: [] as string[] };
    const staying = rig.start(web.path, process.execPath, '-e', talking('172.30.0.2'));
    const ending = rig.start(other.path, process.execPath, '-e', talking('fd00:30::2'));
    staying.onLine((line) => lines.web.push(line));
    ending.onLine((line) => lines.other.push(line));
    await expect.poll(() => [lines.web.length > 3, lines.other.length > 3], patience).toEqual([true, true]);
    const count = (): number =>
      Math.max(...Array.from(readCounters(reconciler.namespaceOf(db.id)).values(), ([packets]) => packets));
    const before = count();
    await apply(policy({ ingress: [rule('deny', 'nobody'), rule('allow', 'web', 80)] }));
    await ending.ended;
    expect(lines.other.at(-1)).toMatch(/^(ECONNRESET|EPIPE)$/);
    const heard = lines.web.length;
    await expect.poll(() => lines.web.length > heard + 3, patience).toBe(true);
    expect(lines.web).not.toContain('ECONNRESET');
    expect(count()).toBeGreaterThan(before);
    staying.stop();
    await withdraw();
  });

  test('judges connections that were there before by who opened them, also if the other end speaks first', async () => {
    // a server that speaks once it is told to
    const server = rig.start(
      db.path,
      process.execPath,
      '-e',
      `const all = [];
       require('node:net').createServer((s) => { all.push(s); s.on('error', () => {}); })
         .listen(81, '::', () => console.log('ready'));
       process.on('SIGUSR2', () => { for (const s of all) s.write('!'); });`,
    );
    expect(await server.firstLine).toBe('ready');
    const hearing = (host: string): string => `
      const s = require('node:net').connect({ host: '${host}', port: 81 }, () => console.log('there'));
      s.on('data', () => console.log('heard')).on('error', (e) => { console.log(e.code); process.exit(); });`;
    const [allowed, denied] = [web, other].map(({ path }, i) =>
      rig.start(path, process.execPath, '-e', hearing(targets[i] ?? '')),
    );
    if (!allowed || !denied) throw new Error('two are started above');
    for (const one of [allowed, denied]) expect(await one.firstLine).toBe('there');
    const [before, after] = [[] as string[], [] as string[]];
    allowed.onLine((line) => before.push(line));
    denied.onLine((line) => after.push(line));
    // the server may open nothing itself
    await apply(policy({ ingress: [rule('allow', 'web')], egress: [rule('allow', 'nobody')] }));
    process.kill(server.pid, 'SIGUSR2');
    await expect.poll(() => before, patience).toEqual(['heard']);
    expect(after).toEqual([]);
    for (const one of [server, allowed, denied]) one.stop();
    await withdraw();
  });

  test('to a name leads to what was answered for it, for a while, and connections go on after that', async () => {
    const named: PolicyRule = {
      ...{ verdict: 'allow', line: 1, remote: { kind: 'name', pattern: '*.example.org' } },
      ports: [{ protocol: 'tcp', first: 80, last: 80 }],
    };
    await apply(policy({ applies: { container: 'other' }, egress: [named] }));
    expect(answers(other.path)).toEqual(refused);
    const namespace = reconciler.namespaceOf(other.id);
    const patterns = ['*.example.org'];
    allowAddresses(namespace, { patterns, allowed: [{ address: '172.30.0.2', seconds: 60 }] });
    expect(answers(other.path)).toEqual(['db 172.30.0.4', ...refused.slice(1)]);
    const lines: string[] = [];
    const talk = rig.start(other.path, process.execPath, '-e', talking('172.30.0.2'));
    talk.onLine((line) => lines.push(line));
    await expect.poll(() => lines.length > 3, patience).toBe(true);
    // the address is forgotten, as at the end of its time
    rig.run(other.path, 'nft', 'flush', 'set', 'inet', 'seaway-policy', nameSet('*.example.org', 4));
    expect(isAnswered(namespace, '*.example.org', '172.30.0.2')).toBe(false);
    allowAddresses(namespace, { patterns, allowed: [{ address: '172.30.0.9', seconds: 1 }] });
    await expect.poll(() => isAnswered(namespace, '*.example.org', '172.30.0.9'), patience).toBe(false);
    expect(answers(other.path)).toEqual(refused);
    const heard = lines.length;
    await expect.poll(() => lines.length > heard + 3, patience).toBe(true);
    expect(await reconciler.restoreSandbox(other.id)).toBe(0);
    talk.stop();
    await withdraw();
  });

  test('is put back by healing where a program in the sandbox has changed its rules, in whatever way', async () => {
    await apply(policy({ ingress: [rule('allow', 'web', 80)] }));
    for (const change of [
      ['flush', 'ruleset'],
      ['flush', 'chain', 'inet', 'seaway-policy', 'ingress-in'],
      ['insert', 'rule', 'inet', 'seaway-policy', 'input', 'accept'],
      // a chain of that name which sees no packets, and one that cannot be deleted alone
      ['delete chain inet seaway-policy input; add chain inet seaway-policy input'],
      [
        'add chain inet seaway-policy a; add chain inet seaway-policy b; add rule inet seaway-policy b jump a',
      ],
    ]) {
      rig.run(db.path, 'nft', ...change);
      expect(await reconciler.restoreSandbox(db.id)).toBeGreaterThan(0);
      expect(await reconciler.restoreSandbox(db.id)).toBe(0);
    }
    expect(answers(other.path)).toEqual(refused);
    // another reconciler takes it over
    expect(await reconcilerOn(kernel, model, rig).convergeSandbox(db.id)).toBe(0);
    rig.run(db.path, 'nft', 'insert', 'rule', 'inet', 'seaway-policy', 'input', 'accept');
    expect(await reconcilerOn(kernel, model, rig).convergeSandbox(db.id)).toBe(1);
    expect(answers(other.path)).toEqual(refused);
    expect(answers(web.path)).toEqual(fromWeb);
    await withdraw();
  });
});
