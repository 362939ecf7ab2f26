/**
 * Settings of the engine that apply to every container: at its creation, visible to `inspect` (`--default-ulimit`), and
 * at its start (`--init`, `--no-new-privileges`, `--seccomp-profile`, `--apparmor-profile`). As in dockerd.
 */
import { readFileSync } from 'node:fs';
import type { DaemonConfig } from '../../config/config.ts';
import type { HostConfig } from '../../model/container.ts';
import { defaultProfile, hasAppArmor, hasDefaultProfile } from '../../runtime/apparmor.ts';
import { parseSecurityOptions } from '../../runtime/spec/security.ts';

type Settings = Pick<
  DaemonConfig,
  'init' | 'defaultUlimits' | 'noNewPrivileges' | 'seccompProfile' | 'apparmorProfile'
>;

/** `--default-ulimit`, except for limits that the container sets. */
export function withDefaultUlimits(
  hostConfig: HostConfig,
  { defaultUlimits }: Pick<Settings, 'defaultUlimits'>,
): HostConfig {
  const asked = new Set((hostConfig.Ulimits ?? []).map(({ Name }) => Name));
  const added = defaultUlimits
    .filter(({ name }) => !asked.has(name))
    .map(({ name, soft, hard }) => ({ Name: name, Soft: soft, Hard: hard }));
  return { ...hostConfig, Ulimits: [...(hostConfig.Ulimits ?? []), ...added] };
}

/** The same settings with the AppArmor profile that applies on this host; '' where there is none. */
export const withHostProfile = <S extends Pick<Settings, 'apparmorProfile'>>(settings: S): S => ({
  ...settings,
  apparmorProfile: settings.apparmorProfile || (hasDefaultProfile() ? defaultProfile : ''),
});

/** The profile that a container was started with, for `inspect`; '' on a host without AppArmor. */
export function startedProfile(
  { SecurityOpt, Privileged }: Pick<HostConfig, 'SecurityOpt' | 'Privileged'>,
  settings: Pick<Settings, 'apparmorProfile'>,
  isEnabled = hasAppArmor(),
): string {
  if (!isEnabled) return '';
  const asked = parseSecurityOptions(SecurityOpt ?? []).apparmor;
  return asked || (Privileged ? 'unconfined' : settings.apparmorProfile);
}

/** The container's own settings take precedence; a privileged container has neither seccomp nor AppArmor. */
export function withDaemonDefaults(hostConfig: HostConfig, settings: Settings): HostConfig {
  return {
    // containers created by an older version have no default limits
    ...withDefaultUlimits(hostConfig, settings),
    Init: hostConfig.Init ?? settings.init,
    SecurityOpt: [...(hostConfig.SecurityOpt ?? []), ...securityOptions(hostConfig, settings)],
  };
}

function securityOptions({ SecurityOpt, Privileged }: HostConfig, settings: Settings): string[] {
  const isAsked = (key: string): boolean =>
    (SecurityOpt ?? []).some((option) => option.split(/[=:]/)[0] === key);
  const { noNewPrivileges, seccompProfile, apparmorProfile } = settings;
  const added: string[] = [];
  if (noNewPrivileges && !isAsked('no-new-privileges')) added.push('no-new-privileges');
  if (seccompProfile !== '' && seccompProfile !== 'builtin' && !Privileged && !isAsked('seccomp'))
    added.push(`seccomp=${profileText(seccompProfile)}`);
  if (apparmorProfile !== '' && !Privileged && !isAsked('apparmor'))
    added.push(`apparmor=${apparmorProfile}`);
  return added;
}

/** `unconfined`, or the text of the profile's file, as the docker CLI sends it. */
const profileText = (profile: string): string =>
  profile === 'unconfined' ? profile : readFileSync(profile, 'utf8');
