import { expect, test } from 'vitest';
import { systemInfo } from '../../../test/api/records.ts';
import type { SystemInfo } from '../../engine/system-verbs.ts';
import { presentInfo } from './info.ts';

const counts = { containers: 3, running: 1, paused: 1, images: 4 };
const now = new Date('2026-01-02T03:04:05.678Z');

const present = (version: number, more: Partial<SystemInfo> = {}) =>
  presentInfo({ ...systemInfo, runc: '1.3.0', ...more }, { counts, swarm: {}, version, now });

test('what the host is and what there is on it', () => {
  expect(present(50)).toMatchObject({
    ...{ Name: 'vm', NCPU: 2, MemTotal: 2 ** 31, CgroupVersion: '2', SwapLimit: true },
    ...{ Containers: 3, ContainersRunning: 1, ContainersPaused: 1, ContainersStopped: 1, Images: 4 },
    ...{ SystemTime: '2026-01-02T03:04:05.678Z', Warnings: null },
    Plugins: { Volume: ['local'], Network: ['bridge'], Authorization: null, Log: ['json-file'] },
    DefaultAddressPools: [{ Base: '172.17.0.0/16', Size: 16 }],
  });
});

test('until 1.49 it said that bridged packets are not filtered, whatever was so', () => {
  const bridges = { BridgeNfIptables: false, BridgeNfIp6tables: false };
  expect(present(49)).toEqual({ ...present(50), ...bridges });
  expect(present(50)).not.toHaveProperty('BridgeNfIptables');
});

test('before 1.49 there is no firewall backend, and commits say what was expected', () => {
  const info = present(48);
  expect(present(49)).toHaveProperty('FirewallBackend', { Driver: 'iptables' });
  expect(info).not.toHaveProperty('FirewallBackend');
  expect(info).toMatchObject({
    RuncCommit: { ID: '1.3.0', Expected: '1.3.0' },
    ContainerdCommit: { ID: '' },
    RegistryConfig: { Mirrors: null },
  });
  expect(info).not.toHaveProperty('ContainerdCommit.Expected');
  expect(info).not.toHaveProperty('RegistryConfig.AllowNondistributableArtifactsCIDRs');
});

test('before 1.47 artifacts that are not distributed are listed, as none', () => {
  expect(present(46)).toMatchObject({
    RegistryConfig: { Mirrors: null, AllowNondistributableArtifactsCIDRs: null },
  });
});

test('before 1.25 security options are bare names', () => {
  const all = {
    security: { appArmor: true, seccomp: 'own.json', privateCgroups: true, noNewPrivileges: true },
  };
  expect(present(24, all)).toMatchObject({
    SecurityOptions: ['apparmor', 'seccomp', 'cgroupns', 'no-new-privileges'],
  });
  expect(present(25, all)).toMatchObject({
    SecurityOptions: [
      'name=apparmor',
      'name=seccomp,profile=own.json',
      'name=cgroupns',
      'name=no-new-privileges',
    ],
  });
  const none = {
    security: { appArmor: false, seccomp: undefined, privateCgroups: false, noNewPrivileges: false },
  };
  expect(present(50, none)).toMatchObject({ SecurityOptions: [] });
});

test('what does not hold is warned of, and listed while there is anything', () => {
  const degraded = [{ key: 'firewall', name: 'firewall', error: 'no', since: 'a', next: 'b', attempts: 2 }];
  const more = { degraded, openAddresses: ['0.0.0.0:2375'], unhandled: { count: 1, last: 'oh' } };
  expect(present(50, more)).toMatchObject({
    Warnings: [
      'WARNING: API is accessible on http://0.0.0.0:2375 without encryption.',
      'WARNING: degraded: firewall: no',
      'WARNING: errors that nobody handled: 1, the last: oh',
    ],
    Degraded: [{ Subject: 'firewall', Error: 'no', Since: 'a', NextAttempt: 'b', Attempts: 2 }],
  });
  expect(present(50)).not.toHaveProperty('Degraded');
});
