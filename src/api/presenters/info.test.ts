import { expect, test } from 'vitest';
import { presentInfo } from './info.ts';

const facts = {
  RuncCommit: { ID: '1.3.0' },
  RegistryConfig: { Mirrors: [] },
  SecurityOptions: ['name=seccomp,profile=builtin', 'name=cgroupns'],
  FirewallBackend: { Driver: 'iptables' },
};

test('the newest version has the facts as they are', () => {
  expect(presentInfo(facts, 50)).toEqual(facts);
});

test('before 1.49 there is no firewall backend, and commits say what was expected', () => {
  const info = presentInfo(facts, 48);
  expect(info).not.toHaveProperty('FirewallBackend');
  expect(info).toMatchObject({
    RuncCommit: { ID: '1.3.0', Expected: '1.3.0' },
    ContainerdCommit: { ID: '', Expected: '' },
    RegistryConfig: { Mirrors: [], AllowNondistributableArtifactsCIDRs: [] },
  });
});

test('before 1.25 security options are bare names', () => {
  expect(presentInfo(facts, 24)).toMatchObject({ SecurityOptions: ['seccomp', 'cgroupns'] });
});
