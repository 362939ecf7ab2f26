/** What is known of the firewall without reading it is what iptables-save says. */
import { expect, onTestFinished, test } from 'vitest';
import { defaultSettings, type FirewallInput } from '../../src/firewall/input.ts';
import { diffFirewall } from '../../src/firewall/iptables/diff.ts';
import { parseSave } from '../../src/firewall/iptables/observed.ts';
import { planFirewall } from '../../src/firewall/plan.ts';
import { openKernel } from '../../src/kernel/open.ts';
import { IptablesRules } from '../../src/reconcile/filter/iptables-rules.ts';
import { openRig } from './rig.ts';

const rig = openRig();

function watched(kernel = rig.kernel()) {
  const count = { saves: 0 };
  const observed = new IptablesRules({
    firewallGeneration: () => kernel.firewallGeneration(),
    firewallChanges: (since) => kernel.firewallChanges(since),
    iptables: {
      isInstalled: () => true,
      restore: (family, script) => kernel.iptables.restore(family, script),
      save: (family) => {
        count.saves++;
        return kernel.iptables.save(family);
      },
    },
  });
  return { kernel, observed, count };
}

const networks = (numbers: readonly number[], ports: readonly number[]): FirewallInput => ({
  bridges: numbers.map((n) => ({
    name: `n${n}`,
    link: `br${n}`,
    internal: n % 7 === 0,
    icc: n % 5 !== 0,
    families: { 4: { subnets: [`10.0.${n}.0/24`], mode: 'nat', masquerade: true, source: '' } },
    trusted: [],
  })),
  ports: ports.map((n) => ({
    link: `br${n}`,
    protocol: 'tcp',
    hostIP: n % 2 ? '0.0.0.0' : '127.0.0.1',
    hostPort: 8000 + n,
    address: `10.0.${n}.2`,
    containerPort: 80,
  })),
  open: [],
  holes: [],
  segments: [],
  settings: { ...defaultSettings, clampMss: numbers.length > 4, dropForwarded: [4] },
});

const steps: readonly (readonly [readonly number[], readonly number[]])[] = [
  [[1, 2, 3], []],
  [
    [1, 2, 3, 5, 7],
    [2, 3],
  ],
  [
    [1, 3, 5, 7, 8],
    [3, 8],
  ],
  [[3], [3]],
  [
    [9, 3, 4],
    [3, 4],
  ],
  [[], []],
];

test('over many changes, with one look at all rules', async () => {
  const { kernel, observed, count } = watched();
  let owned: readonly string[] = [];
  for (const [numbers, ports] of steps) {
    const before = (await observed.read(4)).rules;
    const diff = diffFirewall(planFirewall(networks(numbers, ports), 4), before, owned);
    expect(diff.script).toBeDefined();
    await observed.restore(4, diff.script ?? '');
    owned = diff.owned;
    const known = (await observed.read(4)).rules;
    expect(Object.fromEntries(known)).toEqual(Object.fromEntries(parseSave(await kernel.iptables.save(4))));
  }
  // no table at all says nothing of its variant, so that the second look is the one that is carried on
  expect(count.saves).toBeLessThanOrEqual(2);
});

test("another's change, by iptables or by nft, is seen, and so is one in the middle of ours", async () => {
  const { kernel, observed } = watched();
  const rulesOf = async (): Promise<readonly string[]> =>
    (await observed.read(4)).rules.get('filter')?.get('INPUT')?.rules ?? [];
  await observed.restore(4, '*filter\n-A INPUT -s 192.0.2.1/32 -j DROP\nCOMMIT\n');
  expect(await rulesOf()).toEqual(['-s 192.0.2.1/32 -j DROP']);
  expect(observed.isAsLeft()).toBe(true);
  rig.run('host', 'iptables', '-A', 'INPUT', '-s', '192.0.2.2', '-j', 'DROP');
  expect(observed.isAsLeft()).toBe(false);
  expect(await rulesOf()).toHaveLength(2);
  rig.run('host', 'nft', 'flush', 'chain', 'ip', 'filter', 'INPUT');
  expect(await rulesOf()).toEqual([]);
  const ours = observed.restore(4, '*filter\n-A INPUT -s 192.0.2.3/32 -j DROP\nCOMMIT\n');
  rig.run('host', 'iptables', '-w', '-A', 'INPUT', '-s', '192.0.2.4', '-j', 'DROP');
  await ours;
  expect((await rulesOf()).toSorted()).toEqual(['-s 192.0.2.3/32 -j DROP', '-s 192.0.2.4/32 -j DROP']);
  expect(kernel.firewallGeneration()).toBeGreaterThan(4);
});

test('what others do in tables of their own costs no look at the rules, and hides no change of them', async () => {
  const { observed, count } = watched();
  await observed.restore(4, '*filter\n-A OUTPUT -s 192.0.2.1/32 -j DROP\nCOMMIT\n');
  await observed.read(4);
  const before = count.saves;
  const nft = (...command: readonly string[]): string => rig.run('host', 'nft', ...command);
  nft('add', 'table', 'ip', 'theirs');
  nft('add', 'set', 'ip', 'theirs', 'filter', '{ type ipv4_addr; }');
  const ours = observed.restore(4, '*filter\n-A OUTPUT -s 192.0.2.2/32 -j DROP\nCOMMIT\n');
  nft('add', 'table', 'inet', 'filter');
  await ours;
  nft('delete', 'table', 'inet', 'filter');
  nft('delete', 'table', 'ip', 'theirs');
  expect(observed.isAsLeft()).toBe(true);
  const { rules } = await observed.read(4);
  expect(rules.get('filter')?.get('OUTPUT')?.rules).toHaveLength(2);
  expect(count.saves).toBe(before);
  nft('add', 'table', 'ip', 'theirs');
  nft('flush', 'chain', 'ip', 'filter', 'OUTPUT');
  nft('delete', 'table', 'ip', 'theirs');
  expect(observed.isAsLeft()).toBe(false);
  expect((await observed.read(4)).rules.get('filter')?.get('OUTPUT')?.rules).toEqual([]);
});

test('a change between the looks at the two families is not lost', async () => {
  const { observed } = watched();
  for (const family of [4, 6] as const) {
    await observed.restore(family, '*filter\n-A INPUT -j ACCEPT\nCOMMIT\n');
    await observed.read(family);
  }
  expect(observed.isAsLeft()).toBe(true);
  await observed.read(4);
  rig.run('host', 'iptables', '-F', 'INPUT');
  await observed.read(6);
  expect(observed.isAsLeft()).toBe(false);
});

test('what was refused is read again', async () => {
  const { observed } = watched();
  const { rules: before } = await observed.read(4);
  await expect(
    observed.restore(4, '*raw\n-A PREROUTING -j DROP\nCOMMIT\n*filter\n-D INPUT 77\nCOMMIT\n'),
  ).rejects.toThrow('-D INPUT 77');
  const { rules: after } = await observed.read(4);
  expect(before.get('raw')?.get('PREROUTING')?.rules ?? []).not.toContain('-j DROP');
  expect(after.get('raw')?.get('PREROUTING')?.rules).toContain('-j DROP');
});

test('the legacy variant, which has no numbers, is read every time', async () => {
  const legacy = openKernel({ namespace: rig.host, iptables: 'iptables-legacy' });
  onTestFinished(() => legacy.close());
  const { observed, count } = watched(legacy);
  await observed.restore(4, '*filter\n-A INPUT -s 192.0.2.9/32 -j DROP\nCOMMIT\n');
  for (let i = 0; i < 3; i++)
    expect((await observed.read(4)).rules.get('filter')?.get('INPUT')?.rules).toEqual([
      '-s 192.0.2.9/32 -j DROP',
    ]);
  expect(count.saves).toBe(3);
});
