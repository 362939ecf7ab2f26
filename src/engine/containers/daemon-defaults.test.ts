import { expect, it } from 'vitest';
import type { HostConfig } from '../../model/container.ts';
import { startedProfile, withDaemonDefaults } from './daemon-defaults.ts';

const host = (some: Partial<HostConfig>): HostConfig => some as HostConfig;
const none = {
  init: false,
  defaultUlimits: [],
  noNewPrivileges: false,
  seccompProfile: '',
  apparmorProfile: '',
};

it('adds nothing where the settings say nothing', () => {
  expect(withDaemonDefaults(host({}), none)).toEqual({ Init: false, Ulimits: [], SecurityOpt: [] });
});

it('lets what was asked win', () => {
  const settings = { ...none, init: true, defaultUlimits: [{ name: 'nofile', soft: 1, hard: 2 }] };
  const asked = host({ Init: false, Ulimits: [{ Name: 'nofile', Soft: 5, Hard: 6 }] });
  expect(withDaemonDefaults(asked, settings)).toMatchObject({
    Init: false,
    Ulimits: [{ Name: 'nofile', Soft: 5, Hard: 6 }],
  });
  expect(withDaemonDefaults(host({}), settings)).toMatchObject({
    Init: true,
    Ulimits: [{ Name: 'nofile', Soft: 1, Hard: 2 }],
  });
});

it('confines what is neither privileged nor asked otherwise', () => {
  const settings = { ...none, noNewPrivileges: true, seccompProfile: 'unconfined' };
  expect(withDaemonDefaults(host({}), settings).SecurityOpt).toEqual([
    'no-new-privileges',
    'seccomp=unconfined',
  ]);
  const asked = host({ SecurityOpt: ['no-new-privileges:false', 'seccomp=builtin'] });
  expect(withDaemonDefaults(asked, settings).SecurityOpt).toEqual(asked.SecurityOpt);
  expect(withDaemonDefaults(host({ Privileged: true }), settings).SecurityOpt).toEqual(['no-new-privileges']);
});

it('gives an AppArmor profile to containers that name none and are not privileged', () => {
  const settings = { ...none, apparmorProfile: 'confined' };
  const optionsOf = (asked: Partial<HostConfig>) => withDaemonDefaults(host(asked), settings).SecurityOpt;
  expect(optionsOf({})).toEqual(['apparmor=confined']);
  expect(optionsOf({ SecurityOpt: ['apparmor=unconfined'] })).toEqual(['apparmor=unconfined']);
  expect(optionsOf({ Privileged: true })).toEqual([]);
});

it.each([
  [{}, 'docker-default'],
  [{ SecurityOpt: ['apparmor=mine'] }, 'mine'],
  [{ SecurityOpt: ['apparmor:unconfined'] }, 'unconfined'],
  [{ Privileged: true }, 'unconfined'],
  [{ Privileged: true, SecurityOpt: ['apparmor=mine'] }, 'mine'],
])('%j is shown with the profile %s, where the kernel has AppArmor', (asked, expected) => {
  const settings = { apparmorProfile: 'docker-default' };
  expect(startedProfile(host(asked), settings, true)).toBe(expected);
  expect(startedProfile(host(asked), settings, false)).toBe('');
});
