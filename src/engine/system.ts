/** What `docker info` and `docker version` say of the host and of the engine. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cpus, hostname, release, totalmem } from 'node:os';
import type { DaemonConfig } from '../config/config.ts';
import { withoutPassword } from '../config/without-password.ts';
import type { Degraded } from '../reconcile/retries.ts';
import { version } from '../version.ts';
import type { Core } from './core.ts';
import { hostFile } from './host-file.ts';
import { registryFacts } from './registry-facts.ts';
import type { SystemVerbs } from './system-verbs.ts';

export type Informing = Pick<
  Core,
  'config' | 'events' | 'identity' | 'kernel' | 'model' | 'overlooked' | 'retries' | 'runtime'
>;

/** Machine names as uname and Docker write them. */
const machine = { x64: 'x86_64', arm64: 'aarch64' } as Readonly<Record<string, string>>;
const goArch = { x64: 'amd64', arm64: 'arm64' } as Readonly<Record<string, string>>;

export function systemVerbs(core: Informing): SystemVerbs {
  return {
    info: async () => ({ ...hostFacts(core), ...engineFacts(core), ...(await runtimeFacts(core)) }),
    async version() {
      const { runc, conmon } = await core.runtime.versions();
      return {
        version,
        runc,
        conmon,
        kernel: release(),
        arch: goArch[process.arch] ?? process.arch,
        buildTime: '',
        gitCommit: '',
      };
    },
  };
}

function hostFacts(core: Pick<Core, 'kernel' | 'runtime'>): Record<string, unknown> {
  const { support } = core.runtime;
  return {
    Name: hostname(),
    OSType: 'linux',
    Architecture: machine[process.arch] ?? process.arch,
    KernelVersion: release(),
    OperatingSystem: operatingSystem(),
    OSVersion: osRelease('VERSION_ID'),
    NCPU: cpus().length,
    MemTotal: totalmem(),
    CgroupDriver: 'cgroupfs',
    CgroupVersion: cgroupsV2() ? '2' : '1',
    IPv4Forwarding: core.kernel.host.readSysctl('net.ipv4.ip_forward') === '1',
    MemoryLimit: support.memory,
    SwapLimit: support.swap,
    KernelMemoryTCP: support.kernelMemoryTcp,
    CpuCfsPeriod: support.cpuCfs,
    CpuCfsQuota: support.cpuCfs,
    CPUShares: support.cpuShares,
    CPUSet: support.cpuset,
    PidsLimit: support.pids,
    OomKillDisable: support.oomKillDisable,
  };
}

function engineFacts(core: Informing): Record<string, unknown> {
  const { config } = core;
  const degraded = core.retries.list();
  return {
    ID: core.identity,
    ServerVersion: version,
    Driver: 'overlay2',
    DriverStatus: [['Supports d_type', 'true']],
    DockerRootDir: config.dataRoot,
    Debug: config.debug,
    Labels: config.labels,
    LiveRestoreEnabled: true,
    LoggingDriver: config.logDriver,
    InitBinary: 'docker-init',
    DefaultAddressPools: config.defaultAddressPools.map(({ base, size }) => ({ Base: base, Size: size })),
    ...proxies(config),
    NEventsListener: core.events.listeners(),
    ExperimentalBuild: config.experimental,
    Plugins: {
      Volume: ['local'],
      Network: [...core.model.drivers.names],
      Authorization: null,
      Log: ['json-file', 'local', 'none'],
    },
    FirewallBackend: { Driver: 'iptables' },
    RegistryConfig: registryFacts(config),
    SecurityOptions: securityOptions(config),
    NFd: readdirSync('/proc/self/fd').length,
    NGoroutines: process.getActiveResourcesInfo().length,
    Warnings: warnings(core),
    // only while there is something: no client of Docker's knows the field
    ...(degraded.length > 0 && { Degraded: degraded.map(presentDegraded) }),
  };
}

/** Of the settings, else of the environment. */
function proxies({ proxies: { httpProxy, httpsProxy, noProxy } }: DaemonConfig): Record<string, unknown> {
  const ofEnvironment = (name: string): string => process.env[name] || process.env[name.toLowerCase()] || '';
  return {
    HttpProxy: withoutPassword(httpProxy || ofEnvironment('HTTP_PROXY')),
    HttpsProxy: withoutPassword(httpsProxy || ofEnvironment('HTTPS_PROXY')),
    NoProxy: noProxy || ofEnvironment('NO_PROXY'),
  };
}

async function runtimeFacts(core: Pick<Core, 'runtime'>): Promise<Record<string, unknown>> {
  const { runc } = await core.runtime.versions();
  return {
    DefaultRuntime: 'runc',
    Runtimes: { runc: { path: 'runc' } },
    RuncCommit: { ID: runc },
    ContainerdCommit: { ID: '' },
    InitCommit: { ID: '' },
  };
}

/** As `docker info` prints them: what the containers are held in. */
function securityOptions(config: DaemonConfig): readonly string[] {
  const mode = config.defaultCgroupnsMode || (cgroupsV2() ? 'private' : 'host');
  return [
    ...(seccomp() ? [`name=seccomp,profile=${config.seccompProfile || 'builtin'}`] : []),
    ...(mode === 'private' ? ['name=cgroupns'] : []),
    ...(config.noNewPrivileges ? ['name=no-new-privileges'] : []),
  ];
}

/** Where the API is open to whoever can reach a port of this machine, and what does not hold at the moment. */
function warnings({
  config,
  retries,
  overlooked,
}: Pick<Core, 'config' | 'overlooked' | 'retries'>): readonly string[] | null {
  const open = config.hosts.filter((host) => host.startsWith('tcp://'));
  const texts = [
    ...open.map(
      (host) => `WARNING: API is accessible on http://${host.slice('tcp://'.length)} without encryption.`,
    ),
    ...retries.list().map(({ name, error }) => `WARNING: degraded: ${name}: ${error}`),
    ...(overlooked.count > 0
      ? [`WARNING: errors that nobody handled: ${overlooked.count}, the last: ${overlooked.last}`]
      : []),
  ];
  return texts.length > 0 ? texts : null;
}

const presentDegraded = ({ name, error, since, next, attempts }: Degraded): object => ({
  Subject: name,
  Error: error,
  Since: since,
  NextAttempt: next,
  Attempts: attempts,
});

const cgroupsV2 = (): boolean => existsSync('/sys/fs/cgroup/cgroup.controllers');

/** Whether this kernel filters system calls (proc(5), /proc/self/status). */
const seccomp = (): boolean => /^Seccomp:/m.test(readFileSync('/proc/self/status', 'utf8'));

const osRelease = (key: string): string =>
  new RegExp(`^${key}="?([^"\n]*)"?$`, 'm').exec(hostFile('/etc/os-release'))?.[1] ?? '';

const operatingSystem = (): string => osRelease('PRETTY_NAME') || 'Linux';
