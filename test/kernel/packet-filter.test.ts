/** What the engine asks of every backend of the firewall, tried with each that this machine has. */
import { spawnSync } from 'node:child_process';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { FirewallInput } from '../../src/firewall/input.ts';
import type { Desired, FilterChange, PacketFilter } from '../../src/firewall/packet-filter.ts';
import { openKernel } from '../../src/kernel/open.ts';
import type { Family } from '../../src/net/family.ts';
import { openFilter } from '../../src/reconcile/filter/choose.ts';
import { IptablesFilter } from '../../src/reconcile/filter/iptables-filter.ts';
import { NftablesFilter } from '../../src/reconcile/filter/nftables-filter.ts';
import { optionScenarios } from '../golden/firewall/options.ts';
import { scenarios as usualScenarios } from '../golden/firewall/scenarios.ts';
import { openRig, type Rig } from './rig.ts';

interface Backend {
  readonly name: string;
  /** A command that works where the backend does. */
  readonly probe: readonly string[];
  /** It knows without looking whether somebody else has changed rules. */
  readonly knows: boolean;
  /** Its rules are gone without a trace, tables and all. */
  readonly traceless: boolean;
  /** The name of a link may be a pattern. */
  readonly hasPatterns: boolean;
  open(rig: Rig): { readonly filter: PacketFilter<unknown, FilterChange>; close(): void };
  /** All rules of the host, the engine's and others'. */
  list(rig: Rig, family: Family): string;
  /** Somebody adds a rule to what is the engine's. */
  meddle(rig: Rig): void;
  /** Somebody adds a rule of theirs. */
  addOwn(rig: Rig): void;
  removeOwn(rig: Rig): void;
}

function iptables(variant: 'nft' | 'legacy'): Backend {
  const program = (family: Family): string => `${family === 4 ? 'iptables' : 'ip6tables'}-${variant}`;
  return {
    name: `iptables-${variant}`,
    probe: [program(4), '-t', 'raw', '-S'],
    knows: variant === 'nft',
    traceless: variant === 'nft',
    hasPatterns: true,
    open(rig) {
      const kernel = openKernel({ namespace: rig.host, iptables: program(4) });
      // what it observes and how it changes it is its own affair
      const filter = new IptablesFilter(kernel) as unknown as PacketFilter<unknown, FilterChange>;
      return { filter, close: () => kernel.close() };
    },
    list: (rig, family) =>
      rig
        .run('host', `${program(family)}-save`)
        .replace(/^#.*\n/gm, '')
        .replace(/\[\d+:\d+\]/g, ''),
    meddle: (rig) => void rig.run('host', program(4), '-w', '-I', 'DOCKER', '-j', 'ACCEPT'),
    removeOwn: (rig) => void rig.run('host', program(4), '-F', 'FORWARD'),
    addOwn: (rig) => void rig.run('host', program(4), '-w', '-A', 'FORWARD', '-s', '192.0.2.9', '-j', 'DROP'),
  };
}

/** With the user's chain of iptables. */
const nftables: Backend = {
  ...iptables('nft'),
  name: 'nftables',
  probe: ['nft', 'list', 'tables'],
  hasPatterns: false,
  open(rig) {
    const kernel = openKernel({ namespace: rig.host, iptables: 'iptables-nft' });
    const filter = new NftablesFilter(kernel) as unknown as PacketFilter<unknown, FilterChange>;
    return { filter, close: () => kernel.close() };
  },
  list: (rig, family) => {
    const tables = rig.run('host', 'nft', 'list', 'tables');
    const table = `${family === 4 ? 'ip' : 'ip6'} seaway`;
    const own = tables.includes(`table ${table}\n`)
      ? rig.run('host', 'nft', 'list', 'table', ...table.split(' '))
      : '';
    return `${own.toUpperCase()}${iptables('nft').list(rig, family)}`;
  },
  meddle: (rig) => void rig.run('host', 'nft', 'insert', 'rule', 'ip', 'seaway', 'enter', 'accept'),
};

const scenarios = [...usualScenarios, ...optionScenarios];
const [first] = scenarios;
const ports = scenarios.find(({ name }) => name === '09-ipv6');
const routed = scenarios.find(({ name }) => name === '07-routed');
if (!first || !ports || !routed) throw new Error('the scenarios have other names');

describe('from one backend to the other', () => {
  const rig = openRig();
  const there = spawnSync('nsenter', [`--net=${rig.host}`, ...nftables.probe]).status === 0;
  const closed = { ...ports.input, settings: { ...ports.input.settings, dropForwarded: [4] as const } };

  test.skipIf(!there)('nothing of the first is left', async () => {
    const kernel = openKernel({ namespace: rig.host, iptables: 'iptables-nft' });
    onTestFinished(() => kernel.close());
    let owned: readonly string[] = [];
    const settle = async (filter: PacketFilter<unknown, FilterChange>, desired: Desired): Promise<void> => {
      const change = filter.difference(await filter.observe(4), { family: 4, desired, owned });
      await filter.apply(4, change);
      owned = change.owned;
      const again = filter.difference(await filter.observe(4), { family: 4, desired, owned });
      expect(again.actions).toBe(0);
    };
    const tables = (): string => rig.run('host', 'nft', 'list', 'tables');
    const rules = (): string => iptables('nft').list(rig, 4);
    await settle(openFilter('iptables', kernel), closed);
    rig.run('host', 'iptables-nft', '-A', 'DOCKER-USER', '-s', '192.0.2.9', '-j', 'DROP');
    expect(rules()).toContain(':FORWARD DROP');
    await settle(openFilter('nftables', kernel), closed);
    expect(tables()).toBe('table ip filter\ntable ip seaway\n');
    expect(rules().match(/^-A.*|^:FORWARD.*|.*DOCKER-FORWARD.*/gm)).toEqual([
      ...[':FORWARD ACCEPT ', '-A FORWARD -j DOCKER-USER', '-A DOCKER-USER -s 192.0.2.9/32 -j DROP'],
    ]);
    await settle(openFilter('iptables', kernel), closed);
    expect(tables()).not.toContain('table ip seaway\n');
    expect(rules()).toContain('-A DOCKER-USER -s 192.0.2.9/32 -j DROP');
    rig.run('host', 'iptables-nft', '-F', 'DOCKER-USER');
    await settle(openFilter('nftables', kernel), undefined);
    expect(rules()).not.toMatch(/DOCKER|SEAWAY|^-A|:FORWARD DROP/m);
    expect(tables()).not.toContain('seaway');
  });
});

describe('rules and elements of nftables', () => {
  const rig = openRig();
  const there = spawnSync('nsenter', [`--net=${rig.host}`, ...nftables.probe]).status === 0;
  const [bridge] = first.input.bridges;
  /** Blocks that touch, in the sets of subnets. */
  const touching = ['172.30.0.0/16', '172.31.0.0/16'].map((subnet, n) => ({
    ...{ ...bridge, name: `touching-${n}`, link: `br-touching${n}` },
    families: { ...bridge?.families, 4: { ...bridge?.families[4], subnets: [subnet] } },
  })) as unknown as FirewallInput['bridges'];
  const inputs = scenarios.map(({ input }, n) => ({
    ...input,
    bridges: [...input.bridges, ...touching],
    settings: { ...input.settings, acceptFwmark: String(n + 1) },
  }));

  test.skipIf(!there)('change by one transaction, and a fresh look agrees with the outcome', async () => {
    const kernel = openKernel({ namespace: rig.host, iptables: 'iptables-nft' });
    onTestFinished(() => kernel.close());
    const filter = new NftablesFilter(kernel);
    let owned: readonly string[] = [];
    for (const desired of inputs) {
      const change = filter.difference(await filter.observe(4), { family: 4, desired, owned });
      // the ends of blocks where the next one begins change nothing for packets
      const { script, elements } = change.table;
      expect(script).toContain('table ip seaway {');
      expect(elements.remove).toEqual([]);
      expect(elements.add.flatMap((one) => one.elements).every(({ isEnd }) => isEnd)).toBe(true);
      await filter.apply(4, change);
      owned = change.owned;
      const fresh = new NftablesFilter(kernel);
      const again = fresh.difference(await fresh.observe(4), { family: 4, desired, owned });
      expect(again.actions).toBe(0);
    }
  });
});

describe.each([iptables('nft'), iptables('legacy'), nftables])('$name', (backend) => {
  const rig = openRig();
  const there = spawnSync('nsenter', [`--net=${rig.host}`, ...backend.probe]).status === 0;

  function opened() {
    const { filter, close } = backend.open(rig);
    onTestFinished(close);
    const owned = new Map<Family, readonly string[]>();
    const settle = async (desired: Desired, family: Family = 4): Promise<FilterChange> => {
      const change = filter.difference(await filter.observe(family), {
        family,
        desired,
        owned: owned.get(family) ?? [],
      });
      expect(change.claim).toEqual(expect.arrayContaining([...change.owned]));
      if (change.actions > 0 || !desired) await filter.apply(family, change);
      owned.set(family, change.owned);
      return change;
    };
    return { filter, settle, kept: () => owned.get(4) ?? [] };
  }

  test.skipIf(!there).each([4, 6] as const)(
    'every situation is reached from every other in IPv%d',
    async (family) => {
      const { settle } = opened();
      for (const { input } of [...scenarios, ...scenarios.toReversed()]) {
        await settle(input, family);
        expect((await settle(input, family)).actions).toBe(0);
      }
      await settle(undefined, family);
    },
  );

  test.skipIf(!there)('nothing is left of it, and of others everything', async () => {
    const { settle } = opened();
    const before = backend.list(rig, 4);
    const before6 = backend.list(rig, 6);
    await settle(ports.input);
    await settle(first.input);
    expect(backend.list(rig, 4)).toContain('DOCKER-USER');
    await settle(undefined);
    const six = opened();
    await six.settle(ports.input);
    await six.settle(ports.input, 6);
    await six.settle(undefined);
    await six.settle(undefined, 6);
    if (backend.traceless) expect(backend.list(rig, 4)).toBe(before);
    if (backend.traceless) expect(backend.list(rig, 6)).toBe(before6);
    expect(backend.list(rig, 4)).not.toMatch(/DOCKER|SEAWAY|^-A/m);
    backend.addOwn(rig);
    const theirs = backend.list(rig, 4);
    await settle(ports.input);
    await settle(undefined);
    expect(backend.list(rig, 4)).toBe(theirs);
    expect((await settle(undefined)).actions).toBe(0);
    backend.removeOwn(rig);
  });

  test.skipIf(!there)('an engine that starts again knows what is its own by what was kept', async () => {
    const one = opened();
    await one.settle(ports.input);
    const other = opened();
    const observed = await other.filter.observe(4);
    const comparison = { family: 4, desired: routed.input, owned: one.kept() } as const;
    const change = other.filter.difference(observed, comparison);
    expect(change.byOthers).toEqual([]);
    expect(change.claim).toEqual(expect.arrayContaining([...one.kept()]));
    await other.filter.apply(4, change);
    const again = { ...comparison, owned: change.owned };
    expect(other.filter.difference(await other.filter.observe(4), again).actions).toBe(0);
    const gone = { family: 4, desired: undefined, owned: change.owned } as const;
    await other.filter.apply(4, other.filter.difference(await other.filter.observe(4), gone));
    expect(backend.list(rig, 4)).not.toMatch(/DOCKER|SEAWAY|^-A/m);
  });

  test.skipIf(!there)(
    'what others do to its rules is noticed, named and put right; what they do elsewhere is theirs',
    async () => {
      const { filter, settle } = opened();
      expect(filter.isAsLeft()).toBe(false);
      await settle(ports.input);
      await settle(ports.input);
      expect(filter.isAsLeft()).toBe(backend.knows);
      rig.run('host', 'nft', 'add', 'table', 'ip', 'theirs');
      expect(filter.isAsLeft()).toBe(backend.knows);
      expect((await settle(routed.input)).byOthers).toEqual([]);
      rig.run('host', 'nft', 'delete', 'table', 'ip', 'theirs');
      await settle(ports.input);
      expect(filter.isAsLeft()).toBe(backend.knows);
      backend.addOwn(rig);
      expect(filter.isAsLeft()).toBe(false);
      expect((await settle(ports.input)).actions).toBe(0);
      backend.meddle(rig);
      const put = await settle(ports.input);
      expect(put.actions).toBeGreaterThan(0);
      expect(put.byOthers.join()).toMatch(/\baccept\b/i);
      expect((await settle(routed.input)).byOthers).toEqual([]);
      filter.forget();
      expect(filter.isAsLeft()).toBe(false);
      await settle(undefined);
    },
  );

  test.skipIf(!there || !backend.hasPatterns)('what cannot be is refused with its reason', async () => {
    const { filter } = opened();
    const bridges = first.input.bridges.map((bridge) => ({ ...bridge, link: 'br+' }));
    const input: FirewallInput = { ...first.input, bridges };
    const observed = await filter.observe(4);
    expect(() => filter.difference(observed, { family: 4, desired: input, owned: [] })).toThrow('"br+"');
  });
});
