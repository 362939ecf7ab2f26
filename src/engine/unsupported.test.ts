import { expect, test } from 'vitest';
import { parseDaemonArguments } from '../config/daemon.ts';
import { refuseUnsupported, unhonoured } from './unsupported.ts';

const config = (flags: string) => parseDaemonArguments(flags === '' ? [] : flags.split(' '), () => undefined);

test.each([
  '',
  '--exec-opt native.cgroupdriver=cgroupfs',
  '--log-driver local --log-opt max-size=1m',
  '--log-driver none',
  '--firewall-backend iptables',
])('an engine starts with "%s"', (flags) => {
  expect(() => refuseUnsupported(config(flags))).not.toThrow();
});

test.each([
  ['--tlsverify', 'TLS (--tls, --tlsverify) is not supported'],
  ['--add-runtime crun=/usr/bin/crun --default-runtime crun', '--default-runtime crun'],
  ['--exec-opt native.cgroupdriver=systemd', 'another cgroup driver than cgroupfs'],
  ['--exec-opt bogus', 'invalid exec option (--exec-opt): bogus'],
  ['--seccomp-profile /nowhere.json', 'opening seccomp profile (/nowhere.json) failed: ENOENT'],
  ['--log-driver syslog', 'the log driver "syslog" is not supported'],
  ['--log-driver bogus', 'plugin "bogus" not found'],
  ['--log-opt bogus=1', "unknown log opt 'bogus' for json-file log driver"],
])('%s is refused by name', (flags, why) => {
  expect(() => refuseUnsupported(config(flags))).toThrow(why);
});

test('what has no use is named, and what nobody asked for is not', () => {
  for (const flags of ['', '--swarm-default-advertise-addr eth0'])
    expect(unhonoured(config(flags))).toEqual([]);
  const flags = '--registry-mirror https://mirror.example --shutdown-timeout 5 --feature cdi';
  expect(unhonoured(config(flags))).toEqual(['registry-mirror', 'shutdown-timeout', 'feature']);
});

test('an AppArmor profile is refused where the host has no AppArmor', () => {
  const named = config('--apparmor-profile confined');
  expect(() => refuseUnsupported(named, { apparmor: true })).not.toThrow();
  expect(() => refuseUnsupported(named, { apparmor: false })).toThrow('--apparmor-profile confined');
  const free = config('--apparmor-profile unconfined');
  expect(() => refuseUnsupported(free, { apparmor: false })).not.toThrow();
});
