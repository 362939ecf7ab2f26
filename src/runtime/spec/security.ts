/** `--security-opt` (Docker Engine API, HostConfig.SecurityOpt). */
import { fail } from '../../errors.ts';

export interface SecurityOptions {
  readonly noNewPrivileges: boolean;
  /** '' for the default, `unconfined`, or a profile's JSON. */
  readonly seccomp: string;
  /** '' for the default, `unconfined`, or a profile's name. */
  readonly apparmor: string;
  readonly writableCgroups: boolean;
}

const truth = (value: string, option: string): boolean => {
  if (value === '' || value === 'true') return true;
  if (value === 'false') return false;
  throw fail('CONTAINER_CONFIG_INVALID', `invalid --security-opt 2: "${option}"`);
};

/** `key=value`, or the older `key:value`; unknown keys are refused by name. */
export function parseSecurityOptions(options: readonly string[]): SecurityOptions {
  let result: SecurityOptions = { noNewPrivileges: false, seccomp: '', apparmor: '', writableCgroups: false };
  for (const option of options) {
    const at = option.search(/[=:]/);
    const key = at < 0 ? option : option.slice(0, at);
    const value = at < 0 ? '' : option.slice(at + 1);
    if (key === 'no-new-privileges') result = { ...result, noNewPrivileges: truth(value, option) };
    else if (key === 'writable-cgroups') result = { ...result, writableCgroups: truth(value, option) };
    else if (key === 'seccomp') result = { ...result, seccomp: value };
    else if (key === 'apparmor') result = { ...result, apparmor: value };
    else if (key === 'label' && value === 'disable') continue;
    else if (key === 'label') throw fail('NOT_SUPPORTED', `--security-opt "${option}" (SELinux labels)`);
    else throw fail('CONTAINER_CONFIG_INVALID', `invalid --security-opt 2: "${option}"`);
  }
  return result;
}
