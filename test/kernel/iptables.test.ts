import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { openKernel } from '../../src/kernel/open.ts';
import { openRig } from './rig.ts';

const rig = openRig();
const kernel = rig.kernel();
const missing = spawnSync('iptables-save', ['--version']).status !== 0;

test.skipIf(missing).for([4, 6] as const)(
  'a script for IPv%d changes what it names and nothing else',
  async (family) => {
    const command = family === 4 ? 'iptables' : 'ip6tables';
    rig.run('host', command, '-t', 'filter', '-N', 'THEIRS');
    await kernel.restoreIptables(
      family,
      '*nat\n:OURS - [0:0]\n-A OURS -p tcp --dport 80 -j RETURN\nCOMMIT\n',
    );
    expect(rig.run('host', command, '-t', 'nat', '-S', 'OURS')).toContain(
      '-A OURS -p tcp -m tcp --dport 80 -j RETURN',
    );
    const saved = await kernel.saveIptables(family);
    expect(saved).toContain('*nat');
    expect(saved).toContain(':OURS');
    expect(saved).toContain(':THEIRS');
    expect(rig.run('outside', command, '-t', 'nat', '-S')).not.toContain('OURS');
  },
);

test.skipIf(missing)(
  'a table is changed as a whole or not at all, and the failed line is quoted',
  async () => {
    const script = '*filter\n:GOOD - [0:0]\n-A NOWHERE -j ACCEPT\nCOMMIT\n';
    await expect(kernel.restoreIptables(4, script)).rejects.toThrow(
      /change the IPv4 firewall with iptables-restore: .*-A NOWHERE -j ACCEPT/,
    );
    expect(rig.run('host', 'iptables', '-S')).not.toContain('GOOD');
    await expect(kernel.restoreIptables(4, '*filter\n-A INPUT --no-such-thing\nCOMMIT\n')).rejects.toThrow(
      /no-such-thing/,
    );
  },
);

test('where there is no iptables, nothing is saved and nothing can be restored', async () => {
  const without = openKernel({ namespace: rig.host, iptables: '/nowhere/iptables' });
  expect(await without.saveIptables(4)).toBeUndefined();
  await expect(without.restoreIptables(6, '*nat\nCOMMIT\n')).rejects.toThrow(
    'change the IPv6 firewall with ip6tables-restore: /nowhere/ip6tables-restore is not there; install iptables',
  );
  without.close();
});
