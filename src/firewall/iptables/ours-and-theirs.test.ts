import { describe, expect, it } from 'vitest';
import { type BridgeNetwork, defaultSettings, type FirewallInput, type PublishedPort } from '../input.ts';
import { planFirewall } from '../plan.ts';
import { diffFirewall, removeFirewall } from './diff.ts';
import { parseSave, printSave } from './observed.ts';
import { restored } from './restored.ts';

const app: BridgeNetwork = {
  name: 'app',
  link: 'br-app',
  internal: false,
  icc: true,
  families: {
    4: { subnets: ['172.18.0.0/16'], mode: 'nat', masquerade: true, source: '' },
    6: { subnets: ['fd18::/64'], mode: 'nat', masquerade: true, source: '' },
  },
  trusted: [],
};

const input = (more: Partial<FirewallInput> = {}): FirewallInput => ({
  bridges: [app],
  ports: [],
  open: [],
  holes: [],
  segments: [],
  settings: defaultSettings,
  ...more,
});

const port = (address: string, more: Partial<PublishedPort> = {}): PublishedPort => ({
  link: 'br-app',
  protocol: 'tcp',
  hostIP: address.includes(':') ? '::' : '0.0.0.0',
  hostPort: 8080,
  address,
  containerPort: 80,
  ...more,
});

const empty = '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\nCOMMIT\n';
const ruleset = planFirewall(input(), 4);

/** The rules once the script has run. */
const ran = (saved: string, script: string | undefined): string =>
  script === undefined ? saved : printSave(restored(parseSave(saved), script));

const lines = (script: string | undefined): string[] => script?.split('\n') ?? [];

describe('the chain of the user', () => {
  it('is made where it is not there, and never emptied where it is', () => {
    expect(lines(diffFirewall(ruleset, empty, []).script)).toContain(':DOCKER-USER - [0:0]');
    const theirs = empty.replace('COMMIT', ':DOCKER-USER - [0:0]\nCOMMIT');
    expect(lines(diffFirewall(ruleset, theirs, []).script)).not.toContain(':DOCKER-USER - [0:0]');
  });

  it.each([
    ['nothing', '', true],
    ['a return alone', '-A DOCKER-USER -j RETURN\n', true],
    ['rules of the user', '-A DOCKER-USER -s 10.0.0.1/32 -j DROP\n-A DOCKER-USER -j RETURN\n', false],
  ])('that has %s is left when all of ours goes: %s', (_what, rules, goes) => {
    const made = diffFirewall(ruleset, empty, []);
    const saved = ran(empty, made.script).replace('COMMIT', `${rules}COMMIT`);
    const gone = ran(saved, removeFirewall(4, saved, made.owned).script);
    expect(parseSave(gone).get('filter')?.has('DOCKER-USER')).toBe(!goes);
  });
});

describe('what is ours', () => {
  it('goes also where nobody remembers it: jumps are known as ours by themselves', () => {
    const made = diffFirewall(ruleset, empty, []);
    const saved = ran(empty, made.script);
    const forgotten = ran(saved, removeFirewall(4, saved, []).script);
    expect(parseSave(forgotten).get('filter')?.get('FORWARD')?.rules).toEqual([]);
    expect(forgotten).not.toContain('DOCKER');
  });

  it('is claimed before the script runs: what is to come and what is to go', () => {
    const { owned } = diffFirewall(ruleset, empty, []);
    const { claim, owned: next } = diffFirewall(ruleset, empty, [
      'nat POSTROUTING -s 1.2.3.4/32 -j MASQUERADE',
    ]);
    expect(next).toEqual(owned);
    expect(claim).toEqual([...owned, 'nat POSTROUTING -s 1.2.3.4/32 -j MASQUERADE']);
  });

  it('is looked for in its own table and its own chain only', () => {
    const rule = '-s 1.2.3.4/32 -j MASQUERADE';
    const saved = `*nat\n:PREROUTING ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n-A PREROUTING ${rule}\n-A POSTROUTING ${rule}\nCOMMIT\n`;
    const { script } = diffFirewall({ family: 4, tables: [] }, saved, [
      `nat POSTROUTING ${rule}`,
      `filter X ${rule}`,
      'nat odd',
    ]);
    expect(script).toBe(`*nat\n-D POSTROUTING ${rule}\nCOMMIT\n`);
  });

  it('stays as an empty chain while somebody leads there by -g as well', () => {
    const made = diffFirewall(ruleset, empty, []);
    const saved = ran(empty, made.script).replace('COMMIT', '-A INPUT -i eth7 -g DOCKER-BRIDGE\nCOMMIT');
    const gone = parseSave(ran(saved, removeFirewall(4, saved, made.owned).script)).get('filter');
    expect(gone?.get('DOCKER-BRIDGE')?.rules).toEqual([]);
    expect([gone?.has('DOCKER'), gone?.get('INPUT')?.rules]).toEqual([false, ['-i eth7 -g DOCKER-BRIDGE']]);
  });

  it('goes where only a chain of ours has led there, which changes in the same script', () => {
    const before = ran(empty, diffFirewall(ruleset, empty, []).script);
    const routed = { subnets: ['172.18.0.0/16'], mode: 'routed', masquerade: true, source: '' } as const;
    const wanted = planFirewall(input({ bridges: [{ ...app, families: { 4: routed } }] }), 4);
    const { script, owned } = diffFirewall(wanted, before, []);
    expect(lines(script)).toContain('-X SEAWAY-INVALID');
    expect(diffFirewall(wanted, ran(before, script), owned).script).toBeUndefined();
  });

  it('is not emptied where it is empty', () => {
    const made = diffFirewall(ruleset, empty, []);
    const saved = ran(empty, made.script);
    const { script } = removeFirewall(4, saved, made.owned);
    const chains = parseSave(saved).get('filter');
    for (const line of lines(script).filter((one) => one.startsWith('-F')))
      expect(lines(saved).some((rule) => rule.startsWith(`-A ${line.slice(3)} `))).toBe(true);
    expect(chains?.size).toBeGreaterThan(3);
  });

  it('takes rules that were read already as it takes their text', () => {
    const { script } = diffFirewall(ruleset, empty, []);
    expect(diffFirewall(ruleset, parseSave(empty), []).script).toBe(script);
  });
});

describe('published ports', () => {
  const rules = (wanted: FirewallInput, family: 4 | 6): string =>
    diffFirewall(planFirewall(wanted, family), empty, []).script ?? '';

  it('of IPv6 on the loopback are not rewritten, those of IPv4 are', () => {
    const six = port('fd18::2');
    expect(rules(input({ ports: [six] }), 6)).toContain('--to-destination [fd18::2]:80');
    expect(rules(input({ ports: [{ ...six, hostIP: '::1' }] }), 6)).not.toContain('--to-destination');
    expect(rules(input({ ports: [port('172.18.0.2', { hostIP: '127.0.0.1' })] }), 4)).toContain(
      '--to-destination',
    );
  });

  it('are open to trusted links on their own address alone', () => {
    const unmasked = {
      4: { subnets: ['172.18.0.0/16'], mode: 'nat', masquerade: false, source: '' },
    } as const;
    const trusting = { ...app, trusted: ['up0'], families: unmasked };
    const ports = [port('172.18.0.2'), port('172.18.0.3', { hostPort: 9090, containerPort: 90 })];
    const script = rules(input({ bridges: [trusting], ports }), 4);
    const trusted = lines(script).filter((line) => line.includes('-i up0') && line.includes('-A DOCKER '));
    expect(trusted.map((line) => /-d (\S+).*--dport (\d+)/.exec(line)?.slice(1))).toEqual([
      ['172.18.0.2/32', '80'],
      ['172.18.0.3/32', '90'],
    ]);
    expect(rules(input({ bridges: [{ ...trusting, trusted: [] }], ports }), 4)).not.toContain('up0');
  });

  it('of a network that rewrites nothing are not guarded before the routing', () => {
    const routed = {
      ...app,
      families: { 4: { subnets: ['172.18.0.0/16'], mode: 'routed', masquerade: false, source: '' } },
    } as const;
    const ports = [port('172.18.0.2')];
    expect(rules(input({ bridges: [routed], ports }), 4)).not.toContain('*raw');
    expect(rules(input({ ports }), 4)).toContain('*raw');
  });
});
