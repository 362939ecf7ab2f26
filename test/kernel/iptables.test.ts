import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
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
    await kernel.iptables.restore(
      family,
      '*nat\n:OURS - [0:0]\n-A OURS -p tcp --dport 80 -j RETURN\nCOMMIT\n',
    );
    expect(rig.run('host', command, '-t', 'nat', '-S', 'OURS')).toContain(
      '-A OURS -p tcp -m tcp --dport 80 -j RETURN',
    );
    const saved = await kernel.iptables.save(family);
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
    await expect(kernel.iptables.restore(4, script)).rejects.toThrow(
      /change the IPv4 firewall with iptables-restore: .*-A NOWHERE -j ACCEPT/,
    );
    expect(rig.run('host', 'iptables', '-S')).not.toContain('GOOD');
    await expect(kernel.iptables.restore(4, '*filter\n-A INPUT --no-such-thing\nCOMMIT\n')).rejects.toThrow(
      /no-such-thing/,
    );
  },
);

describe.skipIf(missing)('a program that is in the way of others', () => {
  const folder = mkdtempSync(join(tmpdir(), 'seaway-iptables-'));
  const calls = join(folder, 'calls');
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Exits 4 with these words as often as asked, then does its work. */
  function wrapped(times: number, words: string) {
    writeFileSync(calls, '');
    const script = `#!/bin/sh
echo call >>${calls}
[ $(wc -l <${calls}) -gt ${times} ] && exec iptables-restore "$@"
[ -z "${words}" ] || echo "${words}" >&2
exit 4
`;
    writeFileSync(join(folder, 'iptables-restore'), script, { mode: 0o755 });
    const own = openKernel({ namespace: rig.host, iptables: join(folder, 'iptables') });
    onTestFinished(() => own.close());
    return own;
  }

  const script = '*filter\n:LATE - [0:0]\nCOMMIT\n';
  const tries = (): number => readFileSync(calls, 'utf8').split('\n').length - 1;

  test.each(['', 'Another app is currently holding the xtables lock.'])(
    'is tried again: "%s"',
    async (words) => {
      await wrapped(2, words).iptables.restore(4, script);
      expect(tries()).toBe(3);
      expect(rig.run('host', 'iptables', '-S')).toContain('-N LATE');
      rig.run('host', 'iptables', '-X', 'LATE');
    },
  );

  test('is given up after a while, with its words', async () => {
    const words = 'Another app is currently holding the xtables lock.';
    await expect(wrapped(9, words).iptables.restore(4, script)).rejects.toThrow(words);
    expect(tries()).toBe(3);
  });

  test('is not tried again where the rule itself is wrong', async () => {
    await expect(wrapped(9, 'line 2: RULE_APPEND failed').iptables.restore(4, script)).rejects.toThrow(
      'RULE_APPEND',
    );
    expect(tries()).toBe(1);
  });

  test('is named with the signal that ended it', async () => {
    const own = wrapped(0, '');
    writeFileSync(join(folder, 'iptables-save'), '#!/bin/sh\nkill -SEGV $$\n', { mode: 0o755 });
    await expect(own.iptables.save(4)).rejects.toThrow('iptables-save: ended by SIGSEGV');
  });
});

test('where there is no iptables, the program that is missing is named', async () => {
  const without = openKernel({ namespace: rig.host, iptables: '/nowhere/iptables' });
  const reason = '-save is not there; install iptables, or run the engine with --iptables=false';
  await expect(without.iptables.save(4)).rejects.toThrow(`/nowhere/iptables${reason}`);
  await expect(without.iptables.save(6)).rejects.toThrow(`/nowhere/ip6tables${reason}`);
  await expect(without.iptables.restore(6, '*nat\nCOMMIT\n')).rejects.toThrow(
    'change the IPv6 firewall with ip6tables-restore: /nowhere/ip6tables-restore is not there; install iptables',
  );
  without.close();
});
