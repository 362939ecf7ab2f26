import { expect, test } from 'vitest';
import { chooseBackend } from './choose.ts';

test.each([
  ['', true, 'iptables'],
  ['', false, 'nftables'],
  ['iptables', false, 'iptables'],
  ['nftables', true, 'nftables'],
] as const)('asked for "%s", with iptables installed: %s', (asked, isInstalled, backend) => {
  expect(chooseBackend(asked, { iptables: { isInstalled: () => isInstalled } })).toBe(backend);
});
