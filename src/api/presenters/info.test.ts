import { expect, test } from 'vitest';
import { presentInfo } from './info.ts';

const facts = {
  RuncCommit: { ID: '1.3.0' },
  RegistryConfig: { Mirrors: [] },
  ContainerdCommit: { ID: '' },
  SecurityOptions: ['name=seccomp,profile=builtin', 'name=cgroupns'],
  FirewallBackend: { Driver: 'iptables' },
};

test('until 1.49 it said that bridged packets are not filtered, whatever was so', () => {
  const bridges = { BridgeNfIptables: false, BridgeNfIp6tables: false };
  expect(presentInfo(facts, 49)).toEqual({ ...facts, ...bridges });
  expect(presentInfo(facts, 50)).toEqual(facts);
});

test('before 1.49 there is no firewall backend, and commits say what was expected', () => {
  const info = presentInfo(facts, 48);
  expect(info).not.toHaveProperty('FirewallBackend');
  expect(info).toMatchObject({
    RuncCommit: { ID: '1.3.0', Expected: '1.3.0' },
    ContainerdCommit: { ID: '' },
    RegistryConfig: { Mirrors: [] },
  });
  expect(info).not.toHaveProperty('ContainerdCommit.Expected');
  expect(info).not.toHaveProperty('RegistryConfig.AllowNondistributableArtifactsCIDRs');
});

test('before 1.47 artifacts that are not distributed are listed, as none', () => {
  expect(presentInfo(facts, 46)).toMatchObject({
    RegistryConfig: { Mirrors: [], AllowNondistributableArtifactsCIDRs: null },
  });
});

test('before 1.25 security options are bare names', () => {
  expect(presentInfo(facts, 24)).toMatchObject({ SecurityOptions: ['seccomp', 'cgroupns'] });
});
