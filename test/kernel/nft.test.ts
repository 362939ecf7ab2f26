import { closeSync, openSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openRig } from './rig.ts';

const rig = openRig();
const { host } = rig.kernel();

test('commands change the namespace that they are meant for', () => {
  host.nft('add table inet seaway\nadd chain inet seaway forward { type filter hook forward priority 0; }');
  expect(rig.run('host', 'nft', 'list', 'ruleset')).toContain('table inet seaway');
  expect(rig.run('outside', 'nft', 'list', 'ruleset')).not.toContain('seaway');
});

test('commands are one transaction, and the error is in the words of nft', () => {
  expect(() => host.nft('add table inet half\nadd rule inet nowhere forward accept')).toThrow(
    /change the nftables rules: Error: No such file or directory/,
  );
  expect(rig.run('host', 'nft', 'list', 'ruleset')).not.toContain('half');
  host.nft('add table inet whole');
  expect(rig.run('host', 'nft', 'list', 'tables')).toContain('whole');
});

test('what somebody else changed meanwhile is seen', () => {
  rig.run('host', 'nft', 'flush', 'ruleset');
  host.nft('add table inet seaway');
  host.nft('delete table inet seaway');
  expect(rig.run('host', 'nft', 'list', 'ruleset').trim()).toBe('');
});

test('a process with thousands of open files can change rules too', () => {
  const files = Array.from({ length: 1500 }, () => openSync('/dev/null', 'r'));
  try {
    host.nft('add table inet crowded');
    expect(rig.run('host', 'nft', 'list', 'tables')).toContain('crowded');
    host.nft('delete table inet crowded');
  } finally {
    for (const fd of files) closeSync(fd);
  }
});
