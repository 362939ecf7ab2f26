import { expect, it } from 'vitest';
import type { FirewallInput } from '../firewall/input.ts';
import { obeyAddress, obeyMark, obeyRuleset, obeyTable, obeyTargets } from '../firewall/obey.ts';
import type { Handles } from './handles.ts';
import { ObeyScope } from './obey-scope.ts';

const input = {
  bridges: [{ link: 'br0', families: { 4: { mode: 'nat' } } }],
  ports: [
    {
      ...{ link: 'br0', policy: 'host', protocol: 'tcp', hostIP: '0.0.0.0', hostPort: 80 },
      ...{ address: '172.17.0.2', containerPort: 80 },
    },
  ],
} as unknown as FirewallInput;

/** A host with the links in place, whose transactions of nftables fail so many times. */
function hostWith(failures: number) {
  const transactions: ReadonlySet<string>[] = [];
  let left = failures;
  let tables = '';
  const route = {
    findLink: (name: string) => ({ name, index: 1, mac: '02:00:00:00:00:01', up: true }),
    listNeighbours: () => [{ address: obeyTargets[4], mac: '02:00:00:00:00:01' }],
    listRoutes: ({ table = 0 }) => [
      { destination: table === obeyTable ? '0.0.0.0/0' : `${obeyTargets[4]}/32` },
    ],
    listAddresses: () => [{ address: obeyAddress }],
    listRules: () => [{ family: 4, mark: obeyMark, mask: 0xffff_ffff, table: obeyTable }],
  };
  const nft = (commands: string): string => {
    if (commands === 'list chains') return tables;
    if (left-- > 0) throw new Error('no memory');
    transactions.push(new Set([`ip ${obeyRuleset}`]));
    const [digest = ''] = /digest-[0-9a-f]+/.exec(commands) ?? [];
    tables = `table ip ${obeyRuleset} {\n\tchain ${digest} {\n`;
    return '';
  };
  const host = { route, nft, readSysctl: () => '2' };
  const kernel = {
    host,
    firewallGeneration: () => transactions.length,
    firewallChanges: (since: number) => ({
      ...{ generation: transactions.length, transactions: transactions.slice(since) },
    }),
  };
  const handles = {
    kernel,
    find: () => host,
    namespace: () => host,
    tell: () => false,
    agrees: () => undefined,
  };
  return { scope: new ObeyScope(handles as unknown as Handles, () => undefined), transactions };
}

it('rules that are as they were left are not made again', async () => {
  const { scope, transactions } = hostWith(0);
  expect(await scope.converge(input, [4])).toBe(1);
  expect(await scope.converge(input, [4])).toBe(0);
  expect([transactions.length, scope.wasChanged()]).toEqual([1, false]);
});

it('rules that could not be made are made the next time', async () => {
  const { scope, transactions } = hostWith(1);
  await expect(scope.converge(input, [4])).rejects.toThrow('no memory');
  expect(scope.wasChanged()).toBe(true);
  expect(await scope.converge(input, [4])).toBe(1);
  expect([transactions.length, scope.wasChanged()]).toEqual([1, false]);
});
