/** Settings that mean something and that this engine cannot honour: refused by name, or named in the log. */
import { readFileSync } from 'node:fs';
import type { DaemonConfig } from '../config/config.ts';
import { during, fail, messageOf } from '../errors.ts';
import { hasAppArmor } from '../runtime/apparmor.ts';
import { parseLogConfig } from '../runtime/logs/config.ts';
import { checkCluster } from './cluster-settings.ts';

/**
 * Throws NOT_SUPPORTED for what would leave the user with less than was asked, CONFIG_INVALID for what no
 * engine could do.
 */
export function refuseUnsupported(
  config: DaemonConfig,
  facts: { readonly apparmor: boolean } = { apparmor: hasAppArmor() },
): void {
  if (config.tls.enabled || config.tls.verify) throw fail('NOT_SUPPORTED', 'TLS (--tls, --tlsverify)');
  if (config.defaultRuntime !== 'runc')
    throw fail(
      'NOT_SUPPORTED',
      `a default runtime other than runc (--default-runtime ${config.defaultRuntime})`,
    );
  checkCluster(config);
  for (const option of config.execOpts) refuseExecOption(option);
  refuseLogging(config);
  refuseProfile(config.seccompProfile);
  refuseAppArmor(config.apparmorProfile, facts.apparmor);
}

/** Containers would run without the profile that the user relies on. */
function refuseAppArmor(profile: string, isEnabled: boolean): void {
  if (isEnabled || ['', 'unconfined'].includes(profile)) return;
  throw fail(
    'NOT_SUPPORTED',
    `an AppArmor profile (--apparmor-profile ${profile}) on a host without AppArmor`,
  );
}

/** A profile that is read again at each start of a container must be there now. */
function refuseProfile(path: string): void {
  if (['', 'builtin', 'unconfined'].includes(path)) return;
  try {
    JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw fail('CONFIG_INVALID', `opening seccomp profile (${path}) failed: ${messageOf(error)}`);
  }
}

/** The engine makes cgroups by itself; systemd's way is not there. */
function refuseExecOption(option: string): void {
  if (option === 'native.cgroupdriver=cgroupfs') return;
  if (option.startsWith('native.cgroupdriver='))
    throw fail('NOT_SUPPORTED', `another cgroup driver than cgroupfs (--exec-opt ${option})`);
  throw fail('CONFIG_INVALID', `invalid exec option (--exec-opt): ${option}`);
}

/** A default that every container would be refused with. */
function refuseLogging({ logDriver, logOpts }: DaemonConfig): void {
  try {
    parseLogConfig({ Type: logDriver, Config: logOpts });
  } catch (error) {
    throw during('invalid logging options (--log-driver, --log-opt)', error);
  }
}

/** Flags that do no harm unhonoured; to be logged once. */
export function unhonoured(config: DaemonConfig): readonly string[] {
  const { swarm } = config;
  const given: Readonly<Record<string, boolean>> = {
    'registry-mirror': config.registryMirrors.length > 0,
    'log-format': config.logFormat === 'json',
    'add-runtime': Object.keys(config.runtimes).some((name) => name !== 'runc'),
    'max-concurrent-downloads': config.maxConcurrentDownloads !== 3,
    'max-download-attempts': config.maxDownloadAttempts !== 5,
    'shutdown-timeout': config.shutdownTimeout !== 15,
    feature: Object.keys(config.features).length > 0,
    'node-generic-resource': swarm.nodeGenericResources.length > 0,
  };
  return Object.keys(given).filter((name) => given[name]);
}
