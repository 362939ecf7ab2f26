import { expect, test } from 'vitest';
import { explainFailure, programOf } from './iptables.ts';

test.for([
  ['iptables', 4, 'iptables-restore'],
  ['iptables', 6, 'ip6tables-restore'],
  ['iptables-legacy', 6, 'ip6tables-legacy-restore'],
  ['/usr/sbin/iptables-nft', 4, '/usr/sbin/iptables-nft-restore'],
  ['/usr/sbin/iptables', 6, '/usr/sbin/ip6tables-restore'],
] as const)('%s for IPv%d is %s', ([command, family, program]) => {
  expect(programOf(command, family, 'restore')).toBe(program);
});

test('the line that failed is quoted, whatever iptables calls it', () => {
  const script = '*nat\n-A X -j Y\nCOMMIT\n';
  expect(explainFailure('iptables-restore: line 2 failed\n', script)).toBe(
    'iptables-restore: line 2 failed (in "-A X -j Y")',
  );
  expect(
    explainFailure(
      'iptables-restore v1.8.9 (nf_tables): \nline 2: RULE_APPEND failed (No such file)\n',
      script,
    ),
  ).toBe('line 2: RULE_APPEND failed (No such file) (in "-A X -j Y")');
  expect(explainFailure('Permission denied', script)).toBe('Permission denied');
});
