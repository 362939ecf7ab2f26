import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BridgeNetwork, defaultSettings, type FirewallInput, type PublishedPort } from '../input.ts';
import { planFirewall } from '../plan.ts';
import { diffFirewall, removeFirewall } from './diff.ts';
import { parseSave, printSave } from './observed.ts';
import { restored } from './restored.ts';

const bridge = (n: number, more: Partial<BridgeNetwork> = {}): BridgeNetwork => ({
  name: `net${n}`,
  link: `br${n}`,
  internal: false,
  icc: true,
  families: { 4: { subnets: [`172.${n}.0.0/16`], mode: 'nat', masquerade: true, source: '' } },
  trusted: [],
  ...more,
});

const port = (hostPort: number, n = 17): PublishedPort => ({
  link: `br${n}`,
  protocol: 'tcp',
  hostIP: '0.0.0.0',
  hostPort,
  address: `172.${n}.${hostPort >> 8}.${hostPort & 255}`,
  containerPort: 80,
});

const input = (more: Partial<FirewallInput> = {}): FirewallInput => ({
  bridges: [bridge(17)],
  ports: [],
  open: [],
  holes: [],
  segments: [],
  settings: defaultSettings,
  ...more,
});

const applyScript = (saved: string, script: string): string => printSave(restored(parseSave(saved), script));

const apply = (saved: string, script: string | undefined): string =>
  script === undefined ? saved : applyScript(saved, script);

const rulesOf = (saved: string, table: string, chain: string): readonly string[] =>
  parseSave(saved).get(table)?.get(chain)?.rules ?? [];

/** Converges and makes sure that nothing is left to do. */
function converge(saved: string, wanted: FirewallInput, owned: readonly string[]) {
  const ruleset = planFirewall(wanted, 4);
  const diff = diffFirewall(ruleset, saved, owned);
  const after = apply(saved, diff.script);
  expect(diffFirewall(ruleset, after, diff.owned).script).toBeUndefined();
  return { ...diff, saved: after };
}

describe('diffFirewall', () => {
  it('one port more is one rule more in each chain that speaks of it', () => {
    const first = converge('', input({ ports: [port(1000), port(3000)] }), []);
    const { script } = converge(
      first.saved,
      input({ ports: [port(1000), port(2000), port(3000)] }),
      first.owned,
    );
    expect(script).toBe(
      [
        '*raw',
        '-I PREROUTING 2 -d 172.17.7.208/32 ! -i br17 -j DROP',
        'COMMIT',
        '*filter',
        '-I DOCKER 2 -d 172.17.7.208/32 ! -i br17 -o br17 -p tcp -m tcp --dport 80 -j ACCEPT',
        'COMMIT',
        '*nat',
        '-I DOCKER 2 -p tcp -m tcp --dport 2000 -j DNAT --to-destination 172.17.7.208:80',
        '-I POSTROUTING 4 -s 172.17.7.208/32 -d 172.17.7.208/32 -p tcp -m tcp --dport 80 -j MASQUERADE',
        'COMMIT',
        '',
      ].join('\n'),
    );
  });

  it('puts a flushed chain and a lost jump back, the jump at the head', () => {
    const { saved, owned } = converge('', input({ ports: [port(1000)] }), []);
    const flushed = applyScript(
      saved,
      '*filter\n-F DOCKER\n-D FORWARD -j DOCKER-USER\n-I FORWARD 1 -s 192.0.2.1/32 -j DROP\nCOMMIT\n',
    );
    const after = converge(flushed, input({ ports: [port(1000)] }), owned).saved;
    expect(rulesOf(after, 'filter', 'DOCKER')).toHaveLength(2);
    expect(rulesOf(after, 'filter', 'FORWARD')).toEqual([
      '-j DOCKER-USER',
      '-j DOCKER-FORWARD',
      '-s 192.0.2.1/32 -j DROP',
    ]);
  });

  it('a jump that is there twice is there once afterwards', () => {
    const { saved, owned } = converge('', input(), []);
    const twice = applyScript(saved, '*filter\n-A FORWARD -j DOCKER-USER\nCOMMIT\n');
    const { saved: after } = converge(twice, input(), owned);
    expect(rulesOf(after, 'filter', 'FORWARD')).toEqual(['-j DOCKER-USER', '-j DOCKER-FORWARD']);
  });

  it('never touches what is in DOCKER-USER, in other chains and in other tables', () => {
    const theirs =
      '*filter\n:FORWARD DROP [9:9]\n:DOCKER-USER - [0:0]\n:THEIRS - [0:0]\n-A FORWARD -j THEIRS\n' +
      '-A DOCKER-USER -s 192.0.2.9/32 -j DROP\n-A THEIRS -j LOG\nCOMMIT\n' +
      '*security\n:INPUT ACCEPT [0:0]\n-A INPUT -j ACCEPT\nCOMMIT\n';
    const { saved, owned } = converge(theirs, input({ ports: [port(1)] }), []);
    expect(rulesOf(saved, 'filter', 'DOCKER-USER')).toEqual(['-s 192.0.2.9/32 -j DROP']);
    expect(rulesOf(saved, 'filter', 'THEIRS')).toEqual(['-j LOG']);
    const gone = apply(saved, removeFirewall(4, saved, owned).script);
    expect(rulesOf(gone, 'filter', 'FORWARD')).toEqual(['-j THEIRS']);
    expect(rulesOf(gone, 'filter', 'DOCKER-USER')).toEqual(['-s 192.0.2.9/32 -j DROP']);
    expect(rulesOf(gone, 'security', 'INPUT')).toEqual(['-j ACCEPT']);
  });

  it('a chain of ours that somebody jumps to is emptied, not removed', () => {
    const { saved, owned } = converge('', input(), []);
    const used = applyScript(saved, '*filter\n-A INPUT -i eth7 -j DOCKER\nCOMMIT\n');
    const gone = apply(used, removeFirewall(4, used, owned).script);
    expect(rulesOf(gone, 'filter', 'INPUT')).toEqual(['-i eth7 -j DOCKER']);
    expect(rulesOf(gone, 'filter', 'DOCKER')).toEqual([]);
    expect(parseSave(gone).get('filter')?.has('DOCKER-FORWARD')).toBe(false);
  });

  it('the policy is set where it is wanted, and left alone elsewhere', () => {
    const dropping = input({ settings: { ...defaultSettings, dropForwarded: [4] } });
    const { script, saved, owned } = converge('*filter\n:FORWARD ACCEPT [5:6]\nCOMMIT\n', dropping, []);
    expect(script).toContain(':FORWARD DROP [0:0]');
    expect(diffFirewall(planFirewall(input(), 4), saved, owned).script).toBeUndefined();
  });

  it('a crash between claim and script loses no rule', () => {
    const before = converge('', input({ ports: [port(1)] }), []);
    const next = diffFirewall(planFirewall(input(), 4), before.saved, before.owned);
    // the claim was kept, the script never ran; then yet another state is wanted
    const { saved } = converge(before.saved, input({ ports: [port(2)] }), next.claim);
    expect(rulesOf(saved, 'nat', 'POSTROUTING').filter((rule) => rule.includes('--dport'))).toHaveLength(1);
  });

  it('from any state to any state nothing foreign is lost or moved, and all of ours goes', () => {
    const ports = fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { maxLength: 8 });
    const state = fc.record({ ports, icc: fc.boolean(), second: fc.boolean(), clampMss: fc.boolean() });
    const asInput = (s: {
      ports: number[];
      icc: boolean;
      second: boolean;
      clampMss: boolean;
    }): FirewallInput =>
      input({
        bridges: [bridge(17, { icc: s.icc }), ...(s.second ? [bridge(18)] : [])],
        ports: s.ports.map((n) => port(n)),
        settings: { ...defaultSettings, clampMss: s.clampMss },
      });
    const foreign = fc.record({
      table: fc.constantFrom('filter FORWARD', 'nat POSTROUTING', 'raw PREROUTING'),
      at: fc.nat(20),
    });
    fc.assert(
      fc.property(
        fc.array(state, { minLength: 1, maxLength: 4 }),
        fc.array(foreign, { maxLength: 6 }),
        (states, others) => {
          let saved = '';
          let owned: readonly string[] = [];
          let n = 0;
          for (const each of states) {
            for (const { table, at } of others)
              saved = intrude(saved, table, at, `-s 192.0.2.${++n}/32 -j ACCEPT`);
            const before = foreignRules(saved);
            ({ saved, owned } = converge(saved, asInput(each), owned));
            expect(foreignRules(saved)).toEqual(before);
          }
          const before = foreignRules(saved);
          saved = apply(saved, removeFirewall(4, saved, owned).script);
          expect(foreignRules(saved)).toEqual(before);
          expect(saved).not.toMatch(/DOCKER|SEAWAY|br1/);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('2,000 ports are planned and compared in well under 50 ms', () => {
    const ports = Array.from({ length: 2_000 }, (_, i) => port(10_000 + i));
    const { saved, owned } = converge('', input({ ports }), []);
    const fewer = input({ ports: ports.filter((_, i) => i !== 777) });
    const times = Array.from({ length: 10 }, () => {
      // of this thread alone: the machine may have other things to do
      const before = process.threadCpuUsage();
      diffFirewall(planFirewall(fewer, 4), saved, owned);
      const { user, system } = process.threadCpuUsage(before);
      return (user + system) / 1000;
    });
    expect(Math.min(...times)).toBeLessThan(50);
  });
});

function intrude(saved: string, where: string, at: number, rule: string): string {
  const [table = '', chain = ''] = where.split(' ');
  const place = Math.min(at, rulesOf(saved, table, chain).length) + 1;
  return applyScript(saved, `*${table}\n-I ${chain} ${place} ${rule}\nCOMMIT\n`);
}

function foreignRules(saved: string): string[] {
  return saved.split('\n').filter((line) => line.includes('192.0.2.'));
}
