import { expect, it } from 'vitest';
import { type EtcdMember, etcdFlags } from './etcd-flags.ts';

const member: EtcdMember = {
  ...{ nodeId: 'n1', clusterId: 'c', listen: '0.0.0.0', advertise: '2001:db8::1' },
  ...{ others: ['n2=https://192.0.2.2:7946'], isNew: false },
};

it('a member is started with the flags that its etcd knows', () => {
  const of = (help: string): string => etcdFlags(member, help).join(' ');
  expect(of('')).not.toContain('skip-client-san');
  expect(of("  --experimental-peer-skip-client-san-verification 'false'")).toContain(
    ' --experimental-peer-skip-client-san-verification ',
  );
  expect(of("  --peer-skip-client-san-verification 'false'")).toContain(
    ' --peer-skip-client-san-verification ',
  );
});

it('a member keeps few changes in memory, by the name that its etcd has for the limit', () => {
  expect(etcdFlags(member, '').join(' ')).toContain('--snapshot-count 1000 --quota');
  const newer = etcdFlags(member, "  --snapshot-catchup-entries '5000'").join(' ');
  expect(newer).toContain('--snapshot-count 1000 --snapshot-catchup-entries 500 ');
});

it('a member joins the others, and has quick elections only where it is alone', () => {
  const flags = etcdFlags(member, '').join(' ');
  expect(flags).toContain('--initial-cluster n1=https://[2001:db8::1]:7946,n2=https://192.0.2.2:7946 ');
  expect(flags).toContain('--initial-cluster-state existing');
  expect(flags).toContain('--heartbeat-interval 100 --election-timeout 1000');
  const alone = etcdFlags({ ...member, others: [], isNew: true, isAlone: true }, '').join(' ');
  expect(alone).toContain('--initial-cluster-state new');
  expect(alone).toContain('--election-timeout 100 ');
});
